import { describe, test } from "vitest";
import * as np from "../../src/tensor/np/index.js";
import type { FloatType, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { agrees, numbers } from "../support/wasm-reference.js";

/** Compares with the reference: sums of `depth` products of numbers below 1, each rounded. */
function check(f: (...operands: Value[]) => Value, shapes: readonly Shape[], dtype: FloatType, depth: number): void {
  const epsilon = dtype === "float32" ? 2 ** -24 : 2 ** -53;
  agrees(
    f,
    shapes.map((shape, i) => numbers(shape, dtype, 17 + i)),
    dtype,
    4 * Math.sqrt(depth) * epsilon,
  );
}

const product = (transposeA: boolean, transposeB: boolean) => (a: Value, b: Value) =>
  np.matmul(transposeA ? np.transpose(a) : a, transposeB ? np.transpose(b) : b);

describe.each(["float32", "float64"] as FloatType[])("%s products", dtype => {
  const sizes = [
    [1, 7, 1],
    [10, 40, 40],
    [3, 1, 5],
    [13, 9, 11],
    [4, 260, 258],
    [33, 300, 515],
    [270, 520, 300],
    [300, 257, 10],
    [129, 600, 3],
    [2, 1000, 1],
    [600, 33, 1],
  ] as const;
  test.each(sizes)("[%i, %i] · [.., %i], either operand transposed", (m, k, n) => {
    for (const ta of [false, true]) {
      for (const tb of [false, true]) check(product(ta, tb), [ta ? [k, m] : [m, k], tb ? [n, k] : [k, n]], dtype, k);
    }
  });

  test("in batches, shared or not, with what comes before and after", () => {
    check(
      (a, b) => np.matmul(a, b),
      [
        [3, 40, 300],
        [3, 300, 290],
      ],
      dtype,
      300,
    );
    check(
      (a, b) => np.matmul(a, b).sum(0),
      [
        [5, 8, 13],
        [13, 6],
      ],
      dtype,
      5 * 13,
    );
    check((a, b, c) => np.matmul(a.mul(2), b).add(c).neg(), [[37, 270], [270, 300], [300]], dtype, 2 * 270);
    check(
      (a, b, c) => np.matmul(a, b).add(np.matmul(a.neg(), c)),
      [
        [11, 40],
        [40, 30],
        [40, 30],
      ],
      dtype,
      80,
    );
  });
});
