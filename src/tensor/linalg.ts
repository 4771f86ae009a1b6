import { fail } from "./error.js";
import { floating, square } from "./linalg/operands.js";
import { eye } from "./np/create.js";
import { diagonalOf } from "./np/matrix.js";
import { broadcastShapes, convert, spread, valueOf } from "./np/promote.js";
import { reshape } from "./np/shape.js";
import { apply } from "./operation.js";
import { swapped } from "./ops/matmul.js";
import type { KeysOf } from "./options.js";
import { checkOptions } from "./options.js";
import { showType } from "./types.js";
import type { Operand, Value } from "./value.js";

export { det, slogdet } from "./linalg/determinant.js";
export { norm } from "./linalg/norm.js";
export type { NormOrder } from "./linalg/norm.js";

/** Solves for one vector or for the columns of a matrix, leading axes broadcast. */
function system(who: string, left: Operand, right: Operand, solve: (a: Value, b: Value) => Value): Value {
  const [a, given] = floating(who, [left, right]);
  const n = square(who, a).shape[a.ndim - 1];
  const b = given.ndim === 1 ? reshape(given, [given.size, 1]) : given;
  if (b.ndim < 2 || b.shape[b.ndim - 2] !== n)
    fail(who, "takes matrices [.., n, n] and right-hand sides [n] or [.., n, k]", `${showType(a)} and ${showType(given)}`);
  const lead = (v: Value) => ({ shape: v.shape.slice(0, -2), dtype: v.dtype });
  const batch = broadcastShapes(who, [lead(a), lead(b)], [a, given]);
  const x = solve(spread(a, [...batch, n, n]), spread(b, [...batch, n, b.shape[b.ndim - 1]]));
  return given.ndim === 1 ? reshape(x, x.shape.slice(0, -1)) : x;
}

/**
 * The lower triangular L with L Lᵀ = (A + Aᵀ)/2, positive on the diagonal.
 *
 * @param a symmetric positive definite matrices [.., n, n]
 * @returns [.., n, n]; where a matrix is not positive definite and finite, NaN from the column on that shows it
 * @throws on anything but square matrices
 */
export function cholesky(a: Operand): Value {
  const [x] = floating("cholesky", [a]);
  square("cholesky", x);
  return apply("cholesky", [x.add(swapped(x)).mul(0.5)], {});
}

/** How `solveTriangular` reads its matrix. */
export interface SolveTriangularOptions {
  /** Whether the triangle is the lower one; absent: the upper one. The other is not read. */
  readonly lower?: boolean;
  /** "T" (or 1) solves with the transpose. */
  readonly trans?: "N" | "T" | 0 | 1;
  /** Whether the diagonal counts as ones and is not read. */
  readonly unitDiagonal?: boolean;
}

const triangularKeys: KeysOf<SolveTriangularOptions> = { lower: true, trans: true, unitDiagonal: true };

/**
 * X with A X = B, A triangular, by substitution: a zero on the diagonal gives infinities or NaN.
 *
 * @param a [.., n, n]
 * @param b a vector [n], or matrices [.., n, k]; leading axes broadcast
 * @returns like b
 * @throws where the shapes do not fit
 */
export function solveTriangular(a: Operand, b: Operand, options?: SolveTriangularOptions): Value {
  const { lower = false, trans = "N", unitDiagonal = false } = checkOptions("solveTriangular", options, triangularKeys);
  const transposes: readonly unknown[] = ["N", 0, "T", 1];
  if (!transposes.includes(trans)) fail("solveTriangular", 'takes "N", "T", 0 or 1 as trans', String(trans));
  const params = { lower, transpose: trans === "T" || trans === 1, unitDiagonal };
  return system("solveTriangular", a, b, (x, y) => apply("triangularSolve", [x, y], params));
}

/**
 * X with A X = B, by elimination with partial pivoting; a singular matrix gives infinities or NaN.
 *
 * @param a [.., n, n]
 * @param b a vector [n], or matrices [.., n, k]; leading axes broadcast
 * @returns like b
 * @throws where the shapes do not fit
 */
export function solve(a: Operand, b: Operand): Value {
  return system("solve", a, b, (x, y) => apply("solve", [x, y], {}));
}

/**
 * The inverses of square matrices: X with A X = 1, by elimination with partial pivoting; a singular matrix gives infinities or NaN. `solve(A, b)` is
 * shorter and more accurate than `matmul(inv(A), b)`.
 *
 * @param a [.., n, n]
 * @returns [.., n, n]
 * @throws on anything but square matrices
 */
export function inv(a: Operand): Value {
  const [x] = floating("inv", [a]);
  square("inv", x);
  return solve(x, convert(eye(x.shape[x.ndim - 1]), x.dtype));
}

/** Matrices [.., n, m]. @throws on anything else, or an offset that is not whole */
function diagonals(who: string, a: Operand, offset: number): Value {
  const x = valueOf(who, a);
  if (x.ndim < 2) fail(who, "takes matrices [.., n, m]", showType(x));
  if (!Number.isSafeInteger(offset)) fail(who, "takes a whole offset", String(offset));
  return diagonalOf(x, offset);
}

/** The diagonals of matrices [.., n, m], those above the main one for offset > 0. @throws on anything but matrices */
export function diagonal(a: Operand, offset = 0): Value {
  return diagonals("diagonal", a, offset);
}

/** The sums of the diagonals of matrices [.., n, m]. @throws on anything but matrices */
export function trace(a: Operand, offset = 0): Value {
  return diagonals("trace", a, offset).sum(-1);
}
