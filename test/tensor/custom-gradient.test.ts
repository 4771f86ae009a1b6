import { describe, expect, it } from "vitest";
import { customGradient } from "../../src/tensor/custom-gradient.js";
import { f64 } from "../../src/tensor/host.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad, jvp, vmap } from "../../src/tensor/transform.js";
import type { Value } from "../../src/tensor/value.js";
import { float, numbers, refusal } from "./evaluate.js";

/** Whole numbers, with the derivative of what was not rounded. */
const straightThrough = customGradient(
  (x: Value) => np.floor(x.add(0.5)),
  g => g,
);
/** Three times the derivative of x², which is not its own. */
const tripled = customGradient(
  (x: Value) => x.mul(x),
  (g, x) => g.mul(x).mul(6),
);
const x = f64([-0.7, 0.2, 1.6]);

describe("customGradient", () => {
  it("replaces the derivative in reverse and forward, and the rule is what is differentiated further", () => {
    expect(numbers((v: Value) => straightThrough(v), [x])).toEqual([-1, 0, 2]);
    expect(
      numbers(
        grad((v: Value) => straightThrough(v).mul(3).sum()),
        [x],
      ),
    ).toEqual([3, 3, 3]);
    expect(numbers((v: Value) => jvp(straightThrough, v, np.array([1, 2, 3]))[1], [x])).toEqual([1, 2, 3]);
    expect(
      numbers(
        grad((v: Value) => tripled(v).sum()),
        [x],
      ),
    ).toEqual(Array.from(x.data, v => 6 * v));
    const second = (v: Value) => grad((z: Value) => grad((u: Value) => tripled(u).sum())(z).sum())(v);
    expect(numbers(second, [x])).toEqual([6, 6, 6]);
  });

  it("is the same under vmap, and a value that all lanes share gets the cotangents of all", () => {
    const scaled = customGradient(
      ([a, b]: Value[]) => a.mul(b),
      (g, [a, b]) => [g.mul(b).mul(10), g.mul(a).mul(10)],
    );
    const loss = (b: Value, v: Value) => vmap((a: Value) => scaled([a, b]))(v).sum();
    expect(numbers((v: Value) => grad(loss)(np.array(2), v), [f64([1, 2, 4])])).toEqual([70]);
  });

  it("never reaches a program, and what only the rule uses does not either", () => {
    const { program } = trace((v: Value) => straightThrough(v), [float(3)]);
    expect(program.nodes.map(n => n.op)).not.toContain("customGradient");
  });

  it("refuses what is no function of floats and a pull-back unlike x in one sentence", () => {
    const gradientOf = (f: (x: Value) => Value) => (v: Value) => grad((z: Value) => f(z).sum())(v);
    const overLanes = (v: Value) =>
      vmap((lane: Value) =>
        grad(
          customGradient(
            (z: Value) => z.mul(lane).sum(),
            (g, z) => np.onesLike(z).mul(g).mul(lane),
          ),
        )(np.ones([2])),
      )(v);
    expect([
      refusal(
        (v: Value) =>
          customGradient(
            (z: Value) => np.argmax(z),
            (_, z) => z,
          )(v),
        float(3),
      ),
      refusal(
        gradientOf(
          customGradient(
            (z: Value) => z.mul(2),
            g => g.sum(),
          ),
        ),
        float(3),
      ),
      refusal(
        (v: Value) =>
          grad((z: Value) =>
            customGradient(
              (t: { a: Value }) => t.a,
              g => ({ b: g }) as unknown as { a: Value },
            )({ a: z }).sum(),
          )(v),
        float(3),
      ),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: customGradient takes a function that gives one floating point value; received int32[].",
        "ufom: customGradient needs a pull-back that gives float32[3] for float32[3]; received float32[].",
        "ufom: customGradient's pull-back needs trees of one structure ({ a }); received { b }.",
      ]
    `);
    // A gradient inside the map is taken before it: the lane is a value like others there.
    expect(numbers(overLanes, [f64([1, 2])])).toEqual([1, 1, 2, 2]);
  });
});
