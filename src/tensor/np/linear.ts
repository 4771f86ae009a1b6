import { fail } from "../error.js";
import { apply } from "../operation.js";
import type { Shape } from "../types.js";
import { showType, sizeOf } from "../types.js";
import type { Operand, Value } from "../value.js";
import { broadcastShapes, convert, lift, numericDType, spread, valueOf } from "./promote.js";
import { reshape } from "./shape.js";

/** Operands of a product in one dtype. @throws on scalars */
function factors(who: string, left: Operand, right: Operand): [Value, Value] {
  const dtype = numericDType(who, [left, right]);
  const [a, b] = [lift(who, left, dtype), lift(who, right, dtype)];
  if (a.ndim === 0 || b.ndim === 0) fail(who, "takes arrays with at least one axis", `${showType(a)} and ${showType(b)}`);
  return [convert(a, dtype), convert(b, dtype)];
}

/** Matrices of one rank ≥ 2 whose inner extents agree. */
function product(who: string, x: Value, y: Value): Value {
  const [m, inner] = x.shape.slice(-2);
  const n = y.shape[y.ndim - 1];
  // One matrix on the right serves all rows of the left: no need to repeat it.
  if (y.ndim === 2 && x.ndim > 2) {
    const rows = sizeOf(x.shape.slice(0, -1));
    return reshape(apply("matmul", [reshape(x, [rows, inner]), y], {}), [...x.shape.slice(0, -1), n]);
  }
  const leading = (v: Value) => ({ shape: v.shape.slice(0, -2), dtype: v.dtype });
  const lead: Shape = broadcastShapes(who, [leading(x), leading(y)], [x, y]);
  return apply("matmul", [spread(x, [...lead, m, inner]), spread(y, [...lead, inner, n])], {});
}

/**
 * Matrix product over the last two axes, y_{ij} = Σₖ a_{ik} b_{kj}; leading axes broadcast, and a vector counts as a row on the left, as a
 * column on the right, whose axis goes again. @throws on scalars, or if the inner extents differ
 */
export function matmul(a: Operand, b: Operand): Value {
  return contracted("matmul", a, b);
}

/** The matrix product; `who` is the name in the sentence that refuses operands. */
function contracted(who: string, a: Operand, b: Operand): Value {
  const [x, y] = factors(who, a, b);
  const row = x.ndim === 1;
  const column = y.ndim === 1;
  if (x.shape[x.ndim - 1] !== y.shape[column ? 0 : y.ndim - 2])
    fail(who, "needs inner extents that agree", `${showType(x)} · ${showType(y)}`);
  const z = product(who, row ? reshape(x, [1, x.size]) : x, column ? reshape(y, [y.size, 1]) : y);
  const lead = z.shape.slice(0, -2);
  const [m, n] = z.shape.slice(-2);
  return reshape(z, [...lead, ...(row ? [] : [m]), ...(column ? [] : [n])]);
}

/**
 * Inner product over the last axis of a and the second-to-last (or only) axis of b; scalars multiply.
 * @throws if the extents differ, or b has more than two axes (use matmul)
 */
export function dot(left: Operand, right: Operand): Value {
  const dtype = numericDType("dot", [left, right]);
  const [a, b] = [lift("dot", left, dtype), lift("dot", right, dtype)];
  if (a.ndim === 0 || b.ndim === 0) return a.mul(b);
  if (a.ndim === 1 && b.ndim === 1) {
    if (a.shape[0] !== b.shape[0]) fail("dot", "needs vectors of one length", `${showType(a)} · ${showType(b)}`);
    return a.mul(b).sum();
  }
  if (b.ndim > 2) fail("dot", "takes a right operand of at most two axes (use matmul)", showType(b));
  return contracted("dot", a, b);
}

/** All products of the elements of two arrays, flattened: [m], [n] → [m, n]. */
export function outer(a: Operand, b: Operand): Value {
  const [x, y] = [valueOf("outer", a), valueOf("outer", b)];
  return reshape(x, [x.size, 1]).mul(reshape(y, [1, y.size]));
}
