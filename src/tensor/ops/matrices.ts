import type { TriangularSolve } from "../../program/program.js";
import type { Shape, TypedArray } from "../types.js";
import { sizeOf } from "../types.js";

/** The square matrices of an array [.., n, n]: position, and offset of the first element. */
export function* matrices(shape: Shape): Generator<{ readonly at: number; readonly first: number; readonly n: number }> {
  const n = shape[shape.length - 1],
    count = sizeOf(shape.slice(0, -2));
  for (let at = 0; at < count; at++) yield { at, first: at * n * n, n };
}

/** L of L Lᵀ = A, row by row; NaN from the first column on whose pivot is not positive and finite. */
export function factorize(a: TypedArray, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let rest = a[i * n + j];
      for (let k = 0; k < j; k++) rest -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = i > j ? rest / l[j * n + j] : rest > 0 && rest < Infinity ? Math.sqrt(rest) : NaN;
    }
  return l;
}

/** rows[i] −= f · rows[k] */
function subtract(rows: Float64Array, width: number, i: number, k: number, f: number): void {
  for (let j = 0; j < width; j++) rows[i * width + j] -= f * rows[k * width + j];
}
const divide = (rows: Float64Array, width: number, k: number, by: number): void => {
  for (let j = 0; j < width; j++) rows[k * width + j] /= by;
};

/** X of op(A) X = B with A a triangle. */
export function substitute(
  a: TypedArray,
  b: TypedArray,
  n: number,
  width: number,
  { lower, transpose, unitDiagonal }: TriangularSolve,
): Float64Array {
  const x = Float64Array.from(b),
    forwards = lower !== transpose;
  for (let step = 0; step < n; step++) {
    const k = forwards ? step : n - 1 - step;
    if (!unitDiagonal) divide(x, width, k, a[k * n + k]);
    for (let i = forwards ? k + 1 : 0; i < (forwards ? n : k); i++) subtract(x, width, i, k, transpose ? a[k * n + i] : a[i * n + k]);
  }
  return x;
}

/** X of A X = B: Gauss's elimination, the largest element of what is left of a column (the first of equals) as its pivot. */
export function eliminate(a: TypedArray, b: TypedArray, n: number, width: number): Float64Array {
  const u = Float64Array.from(a),
    x = Float64Array.from(b);
  const exchange = (rows: Float64Array, length: number, i: number, k: number) => {
    for (let j = 0; j < length; j++) [rows[i * length + j], rows[k * length + j]] = [rows[k * length + j], rows[i * length + j]];
  };
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(u[i * n + k]) > Math.abs(u[pivot * n + k])) pivot = i;
    exchange(u, n, pivot, k);
    exchange(x, width, pivot, k);
    for (let i = k + 1; i < n; i++) {
      const f = u[i * n + k] / u[k * n + k];
      subtract(u, n, i, k, f);
      subtract(x, width, i, k, f);
    }
  }
  return substitute(u, x, n, width, { lower: false, transpose: false, unitDiagonal: false });
}
