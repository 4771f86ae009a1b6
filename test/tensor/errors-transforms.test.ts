import { describe, expect, it } from "vitest";
import { zeros } from "../../src/tensor/host.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad, jvp, vjp, vmap } from "../../src/tensor/transform.js";
import type { Value } from "../../src/tensor/value.js";
import { float, refusal, type } from "./evaluate.js";

/** What a function refuses with on values of these types. */
const on = (f: (...x: Value[]) => unknown, ...types: Parameters<typeof refusal>[1][]) => refusal(f, ...types);
const any = <T>(x: unknown) => x as T;

describe("refusals of transforms are one sentence with the rule and the shapes", () => {
  it("of derivatives of what has none", () => {
    expect([
      on(x => grad((v: Value) => v)(x), float(2)),
      on(x => grad((v: Value) => v.sum().astype(np.int32))(x), float(2)),
      on(x => grad((v: Value) => any<Value>([v.sum()]))(x), float(2)),
      on(x => grad((_: Value) => any<Value>(3))(x), float(2)),
      on(x => grad((v: { a: Value; i: Value }) => v.a.sum())({ a: x.astype(np.float32), i: x }), type("int32", 2)),
      on(() => grad((v: Value) => v)(any(3))),
      on(() => grad((v: Value) => v)(any({ w: zeros(2) }))),
      on(x => jvp((v: Value) => v.mul(v), x, x.sum()), float(2)),
      on(x => jvp((v: Value[]) => v[0], [x], any({ 0: x })), float(2)),
      on(x => jvp((v: Value) => v, x.astype(np.int32), x), float(2)),
      on(x => jvp(() => any<Value>(3), x, x), float(2)),
      on(x => vjp((v: Value) => v.sum(), x)[1](x), float(2)),
      on(x => vjp((v: Value) => [v, v], x)[1]([x]), float(2)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: grad differentiates functions that return a floating point scalar (.sum() or .mean() it); received float32[2].",
        "ufom: grad differentiates functions that return a floating point scalar (.sum() or .mean() it); received int32[].",
        "ufom: grad differentiates functions that return a floating point scalar (.sum() or .mean() it); received a list of 1.",
        "ufom: grad differentiates functions that return a floating point scalar (.sum() or .mean() it); received 3.",
        "ufom: grad differentiates floating point values only (at i); received int32[2].",
        "ufom: grad's argument must be a tree of arrays; received 3.",
        "ufom: grad's argument must be a tree of traced values (at w), and np.array makes one of a host array; received a host array float32[2].",
        "ufom: jvp's direction must have the shape of what it belongs to, float32[2]; received float32[].",
        "ufom: jvp's direction needs trees of one structure (a list of 1); received { 0 }.",
        "ufom: jvp differentiates floating point values only; received int32[2].",
        "ufom: jvp's result must be a tree of arrays; received 3.",
        "ufom: vjp's cotangent must have the shape of what it belongs to, float32[]; received float32[2].",
        "ufom: vjp's cotangent needs trees of one structure (a list of 2); received a list of 1.",
      ]
    `);
  });

  it("of maps", () => {
    const sum = (x: Value, y: Value) => x.add(y);
    expect([
      on((x, y) => vmap(sum)(x, y), float(2, 3), float(4, 3)),
      on((x, y) => vmap(sum)(x, y), float(2, 3), float()),
      on((x, y) => vmap(sum, [0])(x, y), float(2, 3), float(2, 3)),
      on((x, y) => vmap(sum, null)(x, y), float(2, 3), float(2, 3)),
      on((x, y) => vmap(sum, [0, 2])(x, y), float(2, 3), float(2, 3)),
      on((x, y) => vmap(sum, [0.5, 0])(x, y), float(2, 3), float(2, 3)),
      on(x => vmap((_: Value) => any<Value>(3))(x), float(2)),
      on(() => vmap(sum)(any(zeros(2)), any(zeros(2)))),
      on(x => vmap((v: Value) => v.reshape([3]))(x), float(4, 2)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: vmap maps axes of one length; received 2 and 4 (axis 0 of float32[4,3]).",
        "ufom: vmap maps an axis that every array has; received axis 0 of float32[].",
        "ufom: vmap takes an axis for each of the 2 arguments; received 1 axes.",
        "ufom: vmap needs an argument that is mapped; received none.",
        "ufom: vmap maps an axis that every array has; received axis 2 of float32[2,3].",
        "ufom: vmap maps an axis that every array has; received axis 0.5 of float32[2,3].",
        "ufom: vmap's result must be a tree of arrays; received 3.",
        "ufom: vmap's argument must be a tree of traced values, and np.array makes one of a host array; received a host array float32[2].",
        "ufom: reshape needs extents that fit the 2 elements of float32[2]; received [3].",
      ]
    `);
  });

  it("of values of another function", () => {
    let kept!: Value;
    trace((x: Value) => (kept = x), [float(3)]);
    expect(on(x => x.add(kept), float(3))).toMatchInlineSnapshot(
      `"ufom: a traced function can use its own arguments only, not values kept from another one (or from inside a vmap); received float32[3]."`,
    );
    expect(on(x => (vmap((v: Value) => (kept = v.mul(v)))(x), kept), float(2, 3))).toMatchInlineSnapshot(
      `"ufom: a traced function can use its own arguments only, not values kept from another one (or from inside a vmap); received float32[3]."`,
    );
  });

  it("of results that are no values", () => {
    expect([on(() => 3), on(() => undefined), on(x => ({ x, y: null }), float()), on(() => Promise.resolve(3)), on(() => zeros(3))])
      .toMatchInlineSnapshot(`
      [
        "ufom: a traced function's result must be a tree of arrays; received 3.",
        "ufom: a traced function's result must be a tree of arrays; received undefined.",
        "ufom: a traced function's result must be a tree of arrays (at y); received null.",
        "ufom: a traced function's result must be a tree of arrays; received a promise.",
        "ufom: a traced function's result must be a tree of traced values, and np.array makes one of a host array; received a host array float32[3].",
      ]
    `);
  });
});
