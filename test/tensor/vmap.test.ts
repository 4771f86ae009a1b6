import { describe, expect, it } from "vitest";
import { f64, i32 } from "../../src/tensor/host.js";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad, jvp, vmap } from "../../src/tensor/transform.js";
import type { HostArray } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { evaluate, float, numbers, type, typeOf } from "./evaluate.js";

describe("vmap", () => {
  it("stacks results first, whatever axis was mapped", () => {
    const f = vmap((row: Value) => row.sum(), 1);
    expect(numbers(f, [f64([1, 2, 3, 4, 5, 6], 2, 3)])).toEqual([5, 7, 9]);
    expect(
      typeOf(
        vmap((x: Value) => x, -1),
        [float(2, 3, 4)],
      ),
    ).toBe("float64[4,2,3]");
  });

  it("maps each argument over its own axis, and shares those without", () => {
    const f = vmap((x: Value, y: Value, z: Value) => x.mul(y).add(z), [0, 1, null]);
    const [x, y, z] = [f64([1, 2]), f64([10, 20, 30, 40], 2, 2), f64([100, 200])];
    expect(numbers(f, [x, y, z])).toEqual([1 * 10 + 100, 1 * 30 + 200, 2 * 20 + 100, 2 * 40 + 200]);
  });

  it("maps trees, and gives trees", () => {
    type Pair = { a: Value; b: Value[] };
    const f = vmap(({ a, b }: Pair) => ({ sum: a.add(b[0]), parts: [a.sum(), np.ones([2])] }));
    const found = evaluate<{ sum: HostArray; parts: HostArray[] }>(f, [{ a: f64([1, 2]), b: [f64([3, 4])] }]);
    expect(found).toEqual({ sum: f64([4, 6]), parts: [f64([1, 2]), f64([1, 1, 1, 1], 2, 2)] });
  });

  it("repeats what does not depend on a mapped argument", () => {
    const f = (x: Value, y: Value) => vmap((_: Value) => y)(x);
    expect(evaluate(f, [f64([1, 2, 3]), f64([7, 8])])).toEqual(f64([7, 8, 7, 8, 7, 8], 3, 2));
  });

  it("of no lanes at all", () => {
    expect(
      typeOf(
        vmap((x: Value) => np.exp(x).sum()),
        [float(0, 3)],
      ),
    ).toBe("float64[0]");
    expect(numbers((x: Value) => grad((v: Value) => vmap((u: Value) => u.mul(u).sum())(v).sum())(x), [f64([], 0, 2)])).toEqual([]);
  });

  it("maps values that are not on the path of the result once only", () => {
    const { program } = trace((x: Value, w: Value) => vmap((v: Value) => v.mul(np.exp(w)))(x), [float(5), float()]);
    expect(program.nodes.filter(n => n.op === "exp").map(n => n.shape)).toEqual([[]]);
  });

  it("takes the rows of all lanes to a matrix that they share, in one product", () => {
    const { program } = trace((x: Value, w: Value) => vmap((v: Value) => np.matmul(v, w))(x), [float(5, 2, 3), float(3, 4)]);
    expect(program.nodes.filter(n => n.op === "matmul").map(n => n.shape)).toEqual([[10, 4]]);
    expect(program.nodes.filter(n => n.op === "broadcast")).toEqual([]);
  });

  it("gives per-example gradients, of a sum of losses the same in total", () => {
    const loss = (w: Value, x: Value, label: Value) => nn.crossEntropy(np.matmul(x, w), label);
    const both = (w: Value, xs: Value, labels: Value) => {
      const each = vmap((x: Value, label: Value) => grad((v: Value) => loss(v, x, label))(w))(xs, labels);
      const total = grad((v: Value) => vmap((x: Value, label: Value) => loss(v, x, label))(xs, labels).sum())(w);
      return [each.sum(0), total];
    };
    const xs = f64(
      Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      4,
      3,
    );
    const [a, b] = evaluate<HostArray[]>(both, [f64([0.1, 0.2, -0.3, 0.4, 0.5, -0.6], 3, 2), xs, i32([0, 1, 1, 0])]);
    expect(a.shape).toEqual([3, 2]);
    a.data.forEach((v, i) => expect(v).toBeCloseTo(b.data[i], 14));
  });

  it("of jvp gives the columns of a Jacobian, of grad the Hessian", () => {
    const f = (x: Value) => np.stack([x.slice(0).mul(x.slice(1)), np.exp(x.slice(0))]);
    const jacobian = (x: Value) => vmap((v: Value) => jvp(f, x, v)[1])(np.eye(2)).T;
    expect(numbers(jacobian, [f64([0, 3])])).toEqual([3, 0, 1, 0]);
    const hessian = (x: Value) =>
      vmap(
        (v: Value) =>
          jvp(
            grad((u: Value) => u.slice(0).mul(u.slice(1)).mul(u.slice(1))),
            x,
            v,
          )[1],
      )(np.eye(2));
    expect(numbers(hessian, [f64([5, 3])])).toEqual([0, 6, 6, 10]);
  });

  it("over integer lanes", () => {
    const pick = vmap((x: Value, i: Value) => np.take(x, i));
    expect(numbers(pick, [f64([1, 2, 3, 4], 2, 2), i32([1, 0])])).toEqual([2, 3]);
    expect(
      typeOf(
        vmap((i: Value) => nn.oneHot(i, 3)),
        [type("int32", 4)],
      ),
    ).toBe("float64[4,3]");
  });
});
