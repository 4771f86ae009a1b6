import { fail } from "../error.js";
import { apply } from "../operation.js";
import { showType } from "../types.js";
import type { Operand, Value } from "../value.js";
import { full, iota } from "./create.js";
import { lessEqual, where } from "./logic.js";
import { valueOf } from "./promote.js";
import { reshape } from "./shape.js";

/** A whole number of a diagonal. @throws on anything else */
function checkDiagonal(who: string, k: number): number {
  return Number.isSafeInteger(k) ? k : fail(who, "takes a whole number of a diagonal", String(k));
}

/** The k-th diagonals of matrices [.., n, m], k > 0 above the main one. */
export function diagonalOf(x: Value, k: number): Value {
  const [n, m] = x.shape.slice(-2);
  const lead = x.shape.slice(0, -2);
  const length = Math.max(0, Math.min(n + Math.min(k, 0), m - Math.max(k, 0)));
  const start = length === 0 ? 0 : k < 0 ? -k * m : k;
  const none = lead.map(() => 0);
  const flat = reshape(x, [...lead, n * m]);
  return apply("slice", [flat], { start: [...none, start], stride: [...none.map(() => 1), m + 1] }, { shape: [...lead, length] });
}

/**
 * A matrix with a vector as its k-th diagonal and zeros elsewhere, or the k-th diagonal of a matrix; k > 0 stands above the main diagonal, k < 0
 * below. @throws on anything but a vector or a matrix
 */
export function diag(x: Operand, k = 0): Value {
  const v = valueOf("diag", x);
  checkDiagonal("diag", k);
  if (v.ndim === 2) return diagonalOf(v, k);
  if (v.ndim !== 1) fail("diag", "takes a vector or a matrix (linalg.diagonal takes [.., n, m])", showType(v));
  const n = v.size + Math.abs(k);
  if (v.size === 0) return full([n, n], 0, v.dtype);
  const start = k < 0 ? -k * n : k;
  return reshape(apply("pad", [v], { start: [start], stride: [n + 1] }, { shape: [n * n] }), [n, n]);
}

/** Where column − row ≤ k holds x, else 0; or where it does not. */
function triangle(who: string, x: Operand, k: number, lower: boolean): Value {
  const v = valueOf(who, x);
  if (v.ndim < 2) fail(who, "takes matrices [.., n, m]", showType(v));
  const [n, m] = v.shape.slice(-2);
  const row = reshape(iota(n, "int32"), [n, 1]);
  const column = reshape(iota(m, "int32"), [1, m]);
  const inside = lessEqual(column.sub(row), checkDiagonal(who, k) - (lower ? 0 : 1));
  return lower ? where(inside, v, 0) : where(inside, 0, v);
}

/** The lower triangles of matrices [.., n, m] up to the k-th diagonal, zeros above. @throws on anything but matrices */
export function tril(x: Operand, k = 0): Value {
  return triangle("tril", x, k, true);
}
/** The upper triangles of matrices [.., n, m] from the k-th diagonal on, zeros below. @throws on anything but matrices */
export function triu(x: Operand, k = 0): Value {
  return triangle("triu", x, k, false);
}
