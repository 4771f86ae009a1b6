import { afterAll, describe, expect, it } from "vitest";
import * as linalg from "../../src/tensor/linalg.js";
import { apply } from "../../src/tensor/operation.js";
import { grad } from "../../src/tensor/transform.js";
import type { HostArray } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { compile, executors } from "../conformance/run.js";
import { float, refusal, type, typeOf } from "./evaluate.js";

type Shape = readonly number[];
const on = (f: (...x: Value[]) => unknown, ...shapes: Shape[]) => refusal(f, ...shapes.map(s => float(...s)));

describe("refusals are one sentence with the rule and the shapes", () => {
  it("of factorizations", () => {
    expect([
      on(a => linalg.cholesky(a), [3]),
      on(a => linalg.cholesky(a), []),
      on(a => linalg.cholesky(a), [2, 3]),
      on(a => linalg.cholesky(a), [4, 2, 3]),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: cholesky takes square matrices [.., n, n]; received float32[3].",
        "ufom: cholesky takes square matrices [.., n, n]; received float32[].",
        "ufom: cholesky takes square matrices [.., n, n]; received float32[2,3].",
        "ufom: cholesky takes square matrices [.., n, n]; received float32[4,2,3].",
      ]
    `);
  });

  it("of systems", () => {
    const solve = (a: Value, b: Value) => linalg.solve(a, b);
    const triangular = (a: Value, b: Value) => linalg.solveTriangular(a, b);
    expect([
      on(solve, [2, 3], [2]),
      on(solve, [3], [3]),
      on(solve, [3, 3], [2]),
      on(solve, [3, 3], []),
      on(solve, [3, 3], [2, 3]),
      on(solve, [2, 3, 3], [4, 3, 1]),
      on(triangular, [2, 3], [2]),
      on(triangular, [3, 3], [4, 2]),
      on(triangular, [5, 3, 3], [2, 3, 2]),
      on((a, b) => linalg.solveTriangular(a, b, { trans: "C" as "T" }), [3, 3], [3]),
      on(a => linalg.solve(a, 1), [3, 3]),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: solve takes square matrices [.., n, n]; received float32[2,3].",
        "ufom: solve takes square matrices [.., n, n]; received float32[3].",
        "ufom: solve takes matrices [.., n, n] and right-hand sides [n] or [.., n, k]; received float32[3,3] and float32[2].",
        "ufom: solve takes matrices [.., n, n] and right-hand sides [n] or [.., n, k]; received float32[3,3] and float32[].",
        "ufom: solve takes matrices [.., n, n] and right-hand sides [n] or [.., n, k]; received float32[3,3] and float32[2,3].",
        "ufom: solve needs shapes that broadcast; received float32[2,3,3] and float32[4,3,1].",
        "ufom: solveTriangular takes square matrices [.., n, n]; received float32[2,3].",
        "ufom: solveTriangular takes matrices [.., n, n] and right-hand sides [n] or [.., n, k]; received float32[3,3] and float32[4,2].",
        "ufom: solveTriangular needs shapes that broadcast; received float32[5,3,3] and float32[2,3,2].",
        "ufom: solveTriangular takes "N", "T", 0 or 1 as trans; received C.",
        "ufom: solve takes matrices [.., n, n] and right-hand sides [n] or [.., n, k]; received float32[3,3] and float32[].",
      ]
    `);
  });

  it("of operations themselves", () => {
    expect([
      refusal(a => apply("cholesky", [a], {}), type("int32", 2, 2)),
      refusal((a, b) => apply("solve", [a, b], {}), float(2, 2), float(2)),
      refusal((a, b) => apply("solve", [a, b], {}), float(2, 2), type("int32", 2, 1)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: cholesky takes floating point numbers; received int32[2,2].",
        "ufom: solve takes matrices [.., n, n] and as many right-hand sides [.., n, k]; received float32[2,2] and float32[2].",
        "ufom: solve takes matrices [.., n, n] and as many right-hand sides [.., n, k]; received float32[2,2] and int32[2,1].",
      ]
    `);
  });
});

it("whole numbers become floats, an empty system has an empty solution", () => {
  expect(typeOf(linalg.cholesky, [type("int32", 2, 2)], "float32")).toBe("float32[2,2]");
  expect(typeOf((a, b) => linalg.solve(a, b), [type("int32", 2, 2), type("int32", 2)])).toBe("float64[2]");
  expect(typeOf((a, b) => linalg.solve(a, b), [float(0, 0), float(0)])).toBe("float64[0]");
});

const matrix = (...data: number[]): HostArray => {
  const n = Math.sqrt(data.length);
  return { shape: [n, n], dtype: "float64", data: Float64Array.from(data) };
};
const vector = (...data: number[]): HostArray => ({ shape: [data.length], dtype: "float64", data: Float64Array.from(data) });

describe.each(Object.entries(executors))("singular matrices and NaN on %s", (_, { create, prepare }) => {
  const executor = create();
  afterAll(() => executor.dispose());
  describe.each(["float64", "float32"] as const)("in %s", precision => {
    const run = async (f: (...x: never[]) => unknown, inputs: readonly HostArray[]): Promise<number[]> =>
      Array.from((await (await compile<HostArray>(executor, prepare, precision, f, inputs))(...inputs)).data);
    const solve = (a: Value, b: Value) => linalg.solve(a, b);
    const lower = (a: Value, b: Value) => linalg.solveTriangular(a, b, { lower: true });

    it("Cholesky's factor is NaN from the column on that shows that a matrix is not positive definite", async () => {
      // The leading 2 × 2 minor of the second is 0, of the third negative.
      expect(await run(linalg.cholesky, [matrix(-1, 0, 0, 1)])).toEqual([NaN, 0, NaN, NaN]);
      expect(await run(linalg.cholesky, [matrix(1, 1, 0, 1, 1, 0, 0, 0, 1)])).toEqual([1, 0, 0, 1, NaN, 0, 0, NaN, NaN]);
      expect(await run(linalg.cholesky, [matrix(1, 2, 0, 2, 1, 0, 0, 0, 1)])).toEqual([1, 0, 0, 2, NaN, 0, 0, NaN, NaN]);
      expect(await run(linalg.cholesky, [matrix(0, 0, 0, 0)])).toEqual([NaN, 0, NaN, NaN]);
      expect(await run(linalg.cholesky, [matrix(4, 0, 0, NaN)])).toEqual([2, 0, 0, NaN]);
      expect(await run(linalg.cholesky, [matrix(Infinity, 0, 0, 1)])).toEqual([NaN, 0, NaN, NaN]);
    });

    it("a singular system has infinities or NaN for a solution, never numbers", async () => {
      expect(await run(solve, [matrix(1, 2, 2, 4), vector(1, 1)])).toEqual([-Infinity, Infinity]);
      expect(await run(solve, [matrix(1, 2, 2, 4), vector(1, 2)])).toEqual([NaN, NaN]);
      expect(await run(solve, [matrix(0, 0, 0, 0), vector(1, 1)])).toEqual([NaN, NaN]);
      expect(await run(solve, [matrix(NaN, 0, 0, 1), vector(1, 1)])).toEqual([NaN, NaN]);
      expect(await run(solve, [matrix(0, 1, 1, 0), vector(2, 3)])).toEqual([3, 2]);
    });

    it("a zero on the diagonal of a triangle gives infinities, and NaN after them", async () => {
      expect(await run(lower, [matrix(0, 0, 1, 1), vector(1, 1)])).toEqual([Infinity, -Infinity]);
      expect(await run(lower, [matrix(0, 0, 1, 1), vector(0, 1)])).toEqual([NaN, NaN]);
      expect(await run(lower, [matrix(1, 0, 1, 0), vector(1, 3)])).toEqual([1, Infinity]);
      // What is not read does not matter.
      expect(await run(lower, [matrix(2, NaN, 0, 4), vector(2, 4)])).toEqual([1, 1]);
      const unit = (a: Value, b: Value) => linalg.solveTriangular(a, b, { lower: true, unitDiagonal: true });
      expect(await run(unit, [matrix(NaN, Infinity, 3, 0), vector(1, 5)])).toEqual([1, 2]);
    });

    it("derivatives at a singular matrix are no numbers either", async () => {
      const ofSolve = (a: Value, b: Value) => grad((z: Value) => solve(z, b).sum())(a);
      const ofCholesky = grad((a: Value) => linalg.cholesky(a).sum());
      expect((await run(ofSolve, [matrix(1, 2, 2, 4), vector(1, 1)])).some(Number.isFinite)).toBe(false);
      expect((await run(ofCholesky, [matrix(-1, 0, 0, 1)])).some(Number.isFinite)).toBe(false);
    });
  });
});
