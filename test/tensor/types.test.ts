import { describe, expect, expectTypeOf, it } from "vitest";
import type { HostArray } from "../../src/tensor/types.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad, jvp, valueAndGrad, vjp, vmap } from "../../src/tensor/transform.js";
import * as tree from "../../src/tensor/tree-functions.js";
import type { Traced } from "../../src/tensor/tree.js";
import type { Value } from "../../src/tensor/value.js";
import { float } from "./evaluate.js";

type Phi = { layers: { w: Value; b: Value }[]; scale: Value };
type Fixed = { readonly w: Value; readonly list: readonly Value[] };

/** Checked by the compiler: the functions run, because a body that is not called could hide a mistake of another kind. */
function run(f: (x: Value) => unknown): void {
  let ran = 0;
  trace((x: Value) => (f(x), ran++, x), [float(2)]);
  expect(ran).toBe(1);
}
const phiOf = (x: Value): Phi => ({ layers: [{ w: x, b: x }], scale: x });

describe("types", () => {
  it("of traced trees have a value for every host array, and can be written to", () => {
    type Theta = { readonly w: HostArray; readonly layers: readonly { readonly b: HostArray }[] };
    const theta = { w: float(2), layers: [{ b: float(3) }] };
    expect(trace((t: Traced<Theta>) => [t.w, t.layers[0].b], [theta]).program.inputs).toHaveLength(2);
    expectTypeOf<Traced<HostArray>>().toEqualTypeOf<Value>();
    expectTypeOf<Traced<Theta>>().toEqualTypeOf<{ w: Value; layers: { b: Value }[] }>();
    expectTypeOf<Traced<[HostArray, { a: HostArray }]>>().toEqualTypeOf<[Value, { a: Value }]>();
  });

  it("of a gradient are those of what it belongs to", () => {
    run(x => {
      const phi = phiOf(x);
      expectTypeOf(grad((p: typeof phi) => p.scale.sum())(phi)).toEqualTypeOf<Phi>();
      expectTypeOf(grad((p: Value, scale: number) => p.sum().mul(scale))(x, 2)).toEqualTypeOf<Value>();
      expectTypeOf(valueAndGrad((p: Phi) => p.scale.sum())(phi)).toEqualTypeOf<[Value, Phi]>();
      const fixed: Fixed = { w: x, list: [x] };
      expectTypeOf(grad((p: Fixed) => p.w.sum())(fixed)).toEqualTypeOf<Fixed>();
    });
  });

  it("of directions and cotangents are those of what they belong to", () => {
    run(x => {
      const phi = phiOf(x);
      expectTypeOf(jvp((p: Phi) => [p.scale], phi, phi)).toEqualTypeOf<[Value[], Value[]]>();
      const [y, back] = vjp((p: Phi) => ({ out: p.scale }), phi);
      expectTypeOf(y).toEqualTypeOf<{ out: Value }>();
      expectTypeOf(back).parameter(0).toEqualTypeOf<{ out: Value }>();
      expectTypeOf(back({ out: x })).toEqualTypeOf<Phi>();
      // @ts-expect-error a direction of another structure
      const wrong = () => jvp((p: Phi) => p.scale, phi, { scale: x });
      return wrong;
    });
  });

  it("of maps are those of the function", () => {
    run(x => {
      const both = vmap((p: { a: Value }, q: Value) => ({ y: p.a.add(q) }));
      expectTypeOf(both({ a: x }, x)).toEqualTypeOf<{ y: Value }>();
      // @ts-expect-error one argument too few
      return () => both({ a: x });
    });
  });

  it("of tree functions are those of the first tree", () => {
    run(x => {
      const phi = phiOf(x);
      expectTypeOf(tree.map((p, q, r) => p.add(q).add(r), phi, phi, phi)).toEqualTypeOf<Phi>();
      const fixed: Fixed = { w: x, list: [x] };
      expectTypeOf(tree.map(v => v.mul(2), fixed)).toEqualTypeOf<Fixed>();
      expectTypeOf(tree.zerosLike([x, [x]] as [Value, Value[]])).toEqualTypeOf<[Value, Value[]]>();
      expectTypeOf(tree.dot(phi, phi)).toEqualTypeOf<Value>();
      // @ts-expect-error another structure
      return () => tree.map((p, q) => p.add(q), phi, { scale: x });
    });
  });

  it("of functions refuse what they cannot take", () => {
    run(x => [
      // @ts-expect-error text is no operand
      () => x.add("1"),
      // @ts-expect-error nor is a list of it
      () => np.exp(["1", "2"]),
      // @ts-expect-error no such dtype
      () => x.astype("float16"),
      // @ts-expect-error a gradient is of a function that gives one value
      () => grad((p: Value) => [p])(x),
    ]);
  });
});
