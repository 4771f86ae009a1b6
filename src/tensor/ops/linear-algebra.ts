import type { TriangularSolve } from "../../program/program.js";
import { fail } from "../error.js";
import { iota, literal } from "../np/create.js";
import { matmul } from "../np/linear.js";
import { equal, less, lessEqual, where } from "../np/logic.js";
import { moveaxis, reshape } from "../np/shape.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Type } from "../types.js";
import { allocate, isFloat, sameShape, showType } from "../types.js";
import type { Value } from "../value.js";
import { align, needs, plus } from "./elementwise.js";
import { eliminate, factorize, matrices, substitute } from "./matrices.js";
import { swapped } from "./matmul.js";

/** Positions of the rows [n, 1] and columns [1, n] of the matrices of x. */
function places(x: Value): [Value, Value] {
  const n = x.shape[x.ndim - 1],
    i = iota(n, "int32");
  return [reshape(i, [n, 1]), reshape(i, [1, n])];
}

/** The lower triangle, or the upper one; without the diagonal where `strict`. */
function triangle(x: Value, lower: boolean, strict: boolean): Value {
  const [row, column] = places(x),
    [low, high] = lower ? [column, row] : [row, column];
  return where(strict ? less(low, high) : lessEqual(low, high), x, literal(0, x));
}

/** The lower triangle with half the diagonal: what a symmetric matrix is twice the symmetric part of. */
function half(x: Value): Value {
  const [row, column] = places(x);
  return where(equal(row, column), x.mul(0.5), triangle(x, true, true));
}

/** The square matrices [.., n, n]. @throws on anything else */
function square(op: string, a: Type): Type {
  needs(op, "floating point numbers", isFloat, [a]);
  const n = a.shape.length;
  return n >= 2 && a.shape[n - 1] === a.shape[n - 2] ? a : fail(op, "takes square matrices [.., n, n]", showType(a));
}

/** The type of X in A X = B. */
function system(op: string, a: Type, b: Type): Type {
  square(op, a);
  const rank = a.shape.length;
  if (b.dtype !== a.dtype || b.shape.length !== rank || !sameShape(b.shape.slice(0, -1), a.shape.slice(0, -1)))
    fail(op, "takes matrices [.., n, n] and as many right-hand sides [.., n, k]", `${showType(a)} and ${showType(b)}`);
  return { shape: b.shape, dtype: b.dtype };
}

const solveTriangular = (a: Value, b: Value, params: TriangularSolve): Value => apply("triangularSolve", [a, b], params);
const lowerSolve = (l: Value, b: Value, transpose: boolean): Value =>
  solveTriangular(l, b, { lower: true, transpose, unitDiagonal: false });

/** L⁻¹ S L⁻ᵀ, or with `transpose` L⁻ᵀ S L⁻¹. */
const congruent = (l: Value, s: Value, transpose: boolean): Value =>
  swapped(lowerSolve(l, swapped(lowerSolve(l, s, transpose)), transpose));

/**
 * The lower triangular L with L Lᵀ = A, of which the lower triangle is read. With Φ the lower triangle and half the diagonal,
 * L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ): I. Murray, "Differentiation of the Cholesky decomposition", 2016.
 */
export const cholesky: Operation<"cholesky"> = {
  type: ([a]) => square("cholesky", a),
  pullback: (l, g) => {
    const s = congruent(l, half(matmul(swapped(l), g)), true);
    return [half(s.add(swapped(s)))];
  },
  pushforward: (l, [t]) => {
    if (!t) return null;
    const lower = half(t);
    return triangle(matmul(l, half(congruent(l, lower.add(swapped(lower)), false))), true, false);
  },
  batch: (_, [a]) => apply("cholesky", [a], {}),
  evaluate([a], y) {
    const out = allocate(y);
    for (const { first, n } of matrices(y.shape)) out.set(factorize(a.data.subarray(first, first + n * n), n), first);
    return out;
  },
};

/** Right-hand sides of all lanes side by side, for one matrix: [size, n, k] → [n, size·k], and back. */
function sideBySide(b: Value, solve: (b: Value) => Value): Value {
  const [size, n, k] = b.shape;
  const x = solve(reshape(moveaxis(b, 0, 1), [n, size * k]));
  return moveaxis(reshape(x, [n, size, k]), 1, 0);
}

/** Batching of A⁻¹B: a matrix that all share takes the right-hand sides of all at once. */
function batched(solve: (a: Value, b: Value) => Value, operands: readonly Value[], which: readonly boolean[], size: number): Value {
  const [a, b] = operands;
  if (!which[0] && a.ndim === 2) return sideBySide(b, all => solve(a, all));
  const [left, right] = align(operands, which, size);
  return solve(left, right);
}

/** X with op(A) X = B: A is a triangle, the rest of the array is not read; op may transpose. */
export const triangularSolve: Operation<"triangularSolve"> = {
  type: ([a, b]) => system("triangularSolve", a, b),
  pullback: (x, g) => {
    const [a] = x.inputs,
      { lower, transpose, unitDiagonal } = x.params;
    const b = solveTriangular(a, g, { lower, transpose: !transpose, unitDiagonal });
    const outer = transpose ? matmul(x, swapped(b)) : matmul(b, swapped(x));
    return [triangle(outer, lower, unitDiagonal).neg(), b];
  },
  pushforward: (x, [s, t]) => {
    const { lower, transpose, unitDiagonal } = x.params;
    const moved = s && triangle(s, lower, unitDiagonal);
    const change = plus(t, moved && matmul(transpose ? swapped(moved) : moved, x).neg());
    return change && solveTriangular(x.inputs[0], change, x.params);
  },
  batch: (x, operands, which, size) => batched((a, b) => solveTriangular(a, b, x.params), operands, which, size),
  evaluate([a, b], y) {
    const out = allocate(y),
      k = y.shape[y.shape.length - 1];
    for (const { first, at, n } of matrices(a.shape)) {
      const rows = b.data.subarray(at * n * k, (at + 1) * n * k);
      out.set(substitute(a.data.subarray(first, first + n * n), rows, n, k, y.params), at * n * k);
    }
    return out;
  },
};

const solved = (a: Value, b: Value): Value => apply("solve", [a, b], {});

/** X with A X = B, by elimination with partial pivoting. B̄ = A⁻ᵀ X̄ and Ā = −B̄ Xᵀ. */
export const solve: Operation<"solve"> = {
  type: ([a, b]) => system("solve", a, b),
  pullback: (x, g) => {
    const b = solved(swapped(x.inputs[0]), g);
    return [matmul(b, swapped(x)).neg(), b];
  },
  pushforward: (x, [s, t]) => {
    const change = plus(t, s && matmul(s, x).neg());
    return change && solved(x.inputs[0], change);
  },
  batch: (_, operands, which, size) => batched(solved, operands, which, size),
  evaluate([a, b], y) {
    const out = allocate(y),
      k = y.shape[y.shape.length - 1];
    for (const { first, at, n } of matrices(a.shape)) {
      const rows = b.data.subarray(at * n * k, (at + 1) * n * k);
      out.set(eliminate(a.data.subarray(first, first + n * n), rows, n, k), at * n * k);
    }
    return out;
  },
};
