import { describe, expect, it } from "vitest";
import { f64 } from "../../src/tensor/host.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad, jvp, stopGradient, valueAndGrad, vjp, vmap } from "../../src/tensor/transform.js";
import * as tree from "../../src/tensor/tree-functions.js";
import type { HostArray } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { evaluate, numbers } from "./evaluate.js";

const scalar = (x: number): HostArray => ({ shape: [], dtype: "float64", data: Float64Array.of(x) });
/** The derivative of a function of one number by the chain of transforms. */
const at = (f: (x: Value) => Value, x: number) => numbers(f, [scalar(x)])[0];
const one = (like: Value) => np.onesLike(like);
/** The derivative, forward. */
const forward = (f: (x: Value) => Value) => (x: Value) => jvp(f, x, one(x))[1];
/** The derivative, by a pull-back. */
const pulled = (f: (x: Value) => Value) => (x: Value) => vjp(f, x)[1](one(x));
const derivatives = { grad: (f: (x: Value) => Value) => grad(f), jvp: forward, vjp: pulled };
const nestings = Object.entries(derivatives).flatMap(([outer, d]) =>
  Object.entries(derivatives).map(([inner, e]) => [`${outer} of ${inner}`, d, e] as const),
);

describe("perturbations are not confused", () => {
  // d/dx [x · d/dy (x + y)] = d/dx [x · 1] = 1; who takes the inner y for the outer x finds 2.
  it.each(nestings)("%s: the inner function closes over the outer variable", (_, outer, inner) => {
    expect(
      at(
        outer(x => x.mul(inner(y => x.add(y))(np.ones([])))),
        3,
      ),
    ).toBe(1);
  });

  // d/dx [x · d/dy (x y)|_{y=x}] = d/dx x² = 2x.
  it.each(nestings)("%s: at the outer variable itself", (_, outer, inner) => {
    expect(
      at(
        outer(x => x.mul(inner(y => x.mul(y))(x))),
        3,
      ),
    ).toBe(6);
    expect(
      at(
        outer(x => inner(y => x.mul(y).mul(y))(x)),
        3,
      ),
    ).toBe(12);
    expect(
      at(
        outer(x => inner(() => x.mul(x))(x)),
        3,
      ),
    ).toBe(0);
  });

  it.each(nestings)("%s: a value kept from the outer function", (_, outer, inner) => {
    const f = outer(x => {
      const kept = np.exp(x);
      return inner(y => kept.mul(np.sin(y)))(x.mul(2));
    });
    const x = 0.7;
    expect(at(f, x)).toBeCloseTo(Math.exp(x) * (Math.cos(2 * x) - 2 * Math.sin(2 * x)), 12);
  });

  it.each(nestings)("%s inside a map over a closed variable", (_, outer, inner) => {
    // Σᵢ d/dx [x · d/dy (aᵢ x y)] = Σᵢ 2 aᵢ x.
    const f = (x: Value) => vmap((a: Value) => outer(z => z.mul(inner(y => a.mul(z).mul(y))(np.ones([]))))(x))(np.array([1, 2, 4])).sum();
    expect(at(f, 3)).toBe(42);
  });

  it.each(Object.entries(derivatives))("%s five times", (_, d) => {
    const fifth = d(d(d(d(d(x => x.pow(5).add(x.pow(4)))))));
    expect(at(fifth, 0.3)).toBe(120);
    expect(at(d(d(d(np.sin))), 0.3)).toBeCloseTo(-Math.cos(0.3), 14);
  });
});

describe("grad", () => {
  it("is of the first argument, and gives the other arguments on", () => {
    const f = (x: Value, y: Value, { scale }: { scale: number }) => x.mul(y).sum().mul(scale);
    expect(numbers((x: Value, y: Value) => grad(f)(x, y, { scale: 2 }), [f64([1, 2]), f64([3, 4])])).toEqual([6, 8]);
  });

  it("of a tree is a tree; what is not used has the gradient zero", () => {
    type Net = { w: Value; unused: Value[] };
    const net = { w: f64([2]), unused: [f64([1, 2], 2, 1)] };
    const g = evaluate<{ w: HostArray; unused: HostArray[] }>(
      grad((t: Net) => t.w.mul(t.w).sum()),
      [net],
    );
    expect(g).toEqual({ w: f64([4]), unused: [f64([0, 0], 2, 1)] });
  });

  it("tells leaves apart that are the same value", () => {
    const f = (x: Value) => grad((t: { a: Value; b: Value }) => t.a.mul(t.b).mul(t.b).sum())({ a: x, b: x });
    expect(evaluate<{ a: HostArray; b: HostArray }>(f, [f64([3])])).toEqual({ a: f64([9]), b: f64([18]) });
  });

  it("gives the value too", () => {
    expect(
      evaluate<HostArray[]>(
        valueAndGrad((x: Value) => x.mul(x).sum()),
        [f64([1, 2])],
      ).map(a => [...a.data]),
    ).toEqual([[5], [2, 4]]);
  });

  it("of the function that returns its argument, or a constant", () => {
    expect(
      at(
        grad(x => x),
        3,
      ),
    ).toBe(1);
    expect(
      at(
        grad(() => np.ones([])),
        3,
      ),
    ).toBe(0);
    expect(
      at(
        forward(x => x),
        3,
      ),
    ).toBe(1);
    expect(
      at(
        forward(() => np.ones([])),
        3,
      ),
    ).toBe(0);
  });

  it("of a tree without leaves", () => {
    expect(evaluate(() => grad((_: Value[]) => np.ones([]))([]))).toEqual([]);
  });
});

describe("jvp and vjp of functions of trees", () => {
  const f = ({ a, b }: { a: Value; b: Value }) => ({ product: a.mul(b), list: [a.sum(), b.astype(np.int32)] });
  const x = { a: f64([1, 2]), b: f64([3, 4]) };

  it("push directions forward, through integers as zero", () => {
    const [y, t] = evaluate<{ product: HostArray; list: HostArray[] }[]>(
      (p: { a: Value; b: Value }) => jvp(f, p, { a: np.ones([2]), b: p.a }),
      [x],
    );
    expect([...y.product.data]).toEqual([3, 8]);
    expect([[...t.product.data], [...t.list[0].data], [...t.list[1].data]]).toEqual([[3 + 1, 4 + 4], [2], [0, 0]]);
  });

  it("pull cotangents back, as often as asked", () => {
    const pull = (p: { a: Value; b: Value }) => {
      const [y, back] = vjp(f, p);
      const ones = tree.map(np.onesLike, y);
      return [back(ones), back(tree.map(v => v.mul(2), ones))];
    };
    const [once, twice] = evaluate<{ a: HostArray; b: HostArray }[]>(pull, [x]);
    expect([[...once.a.data], [...once.b.data]]).toEqual([
      [4, 5],
      [1, 2],
    ]);
    expect([[...twice.a.data], [...twice.b.data]]).toEqual([
      [8, 10],
      [2, 4],
    ]);
  });

  it("convert directions to the dtype of what they belong to", () => {
    const g = (v: Value) => jvp(u => u.mul(u), v, np.arange(2))[1];
    expect(evaluate(g, [f64([3, 4])])).toEqual(f64([0, 8]));
  });
});

describe("stopGradient", () => {
  it("has the value and no derivative, in every order and direction", () => {
    const f = (x: Value) => x.mul(stopGradient(x)).mul(x);
    expect(at(f, 3)).toBe(27);
    for (const d of Object.values(derivatives)) {
      expect(at(d(f), 3)).toBe(18);
      for (const e of Object.values(derivatives)) expect(at(d(e(f)), 3)).toBe(6);
    }
  });

  it("passes a map and leaves no trace in the program", () => {
    const f = (x: Value) => vmap((v: Value) => grad((u: Value) => u.mul(stopGradient(u)))(v))(x);
    expect(numbers(f, [f64([1, 2, 3])])).toEqual([1, 2, 3]);
    const { program } = trace((x: Value) => stopGradient(x).add(stopGradient(np.arange(3))), [f64([1, 2, 3])]);
    expect(program.nodes.map(n => n.op)).toEqual(["input", "iota", "cast", "add"]);
  });
});
