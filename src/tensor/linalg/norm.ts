import { fail } from "../error.js";
import { keepsDims, normalizeAxes } from "../np/axes.js";
import { abs, sqrt } from "../np/functions.js";
import { equal, less, logicalAnd, where } from "../np/logic.js";
import { max, min, sum } from "../np/reduce.js";
import { reshape } from "../np/shape.js";
import { stopGradient } from "../transform.js";
import { showType, sizeOf } from "../types.js";
import type { Axes, Operand, ReduceOptions, Value } from "../value.js";
import { floating } from "./operands.js";

/** Which norm: of vectors 1, 2 and ±Infinity; of matrices "fro", 1 and ±Infinity. */
export type NormOrder = number | "fro";

/** √Σ x², scaled so that no square overflows or vanishes; all derivatives are 0 where all elements are. */
function euclidean(x: Value, axes: readonly number[]): Value {
  const empty = sizeOf(axes.map(a => x.shape[a])) === 0;
  if (empty) return sum(x, axes, { keepdims: true });
  const largest = max(abs(stopGradient(x)), axes, { keepdims: true });
  const scale = where(logicalAnd(less(0, largest), less(largest, Infinity)), largest, 1);
  const squares = sum(x.div(scale).mul(x.div(scale)), axes, { keepdims: true });
  const atZero = equal(squares, 0);
  return where(atZero, 0, sqrt(where(atZero, 1, squares))).mul(scale);
}

/**
 * Norms of vectors or matrices. Without an order, √Σ x² over the axes (absent: all).
 *
 * | order | of a vector | of a matrix |
 * | --- | --- | --- |
 * | 2, "fro" | √Σ x² | √Σ x² ("fro" only) |
 * | 1 | Σ \|x\| | largest sum of a column |
 * | Infinity | largest \|x\| | largest sum of a row |
 * | −Infinity | smallest \|x\| | smallest sum of a row |
 *
 * Where all elements are 0, every derivative of √Σ x² is 0 and not NaN. The derivative of |x| at 0 is 0, and ties share that of the largest.
 * @param axis one for vectors, two for matrices; with an order, absent: the axes of x, of which there must be one or two
 * @throws on another order, number of axes, or an axis that x does not have
 */
export function norm(x: Operand, order?: NormOrder, axis?: Axes, options?: ReduceOptions): Value {
  const keepdims = keepsDims("norm", options);
  const [v] = floating("norm", [x]);
  const ordered = axis === undefined || axis === null ? [] : [axis].flat().map(a => (a < 0 ? a + v.ndim : a));
  const axes = normalizeAxes("norm", v, axis);
  const kept = of(v, order, ordered.length ? ordered : axes);
  return keepdims
    ? kept
    : reshape(
        kept,
        v.shape.filter((_, i) => !axes.includes(i)),
      );
}

/** With the axes kept. */
function of(x: Value, order: NormOrder | undefined, axes: readonly number[]): Value {
  const keepdims = { keepdims: true };
  if (order === undefined) return euclidean(x, axes);
  const vector = axes.length === 1;
  if (!vector && axes.length !== 2) fail("norm", "takes an order for one axis or two", `${showType(x)} over ${axes.length} axes`);
  if (order === "fro" || (order === 2 && vector)) return euclidean(x, axes);
  const size = abs(x);
  const [row, column] = axes;
  switch (order) {
    case 1:
      return vector ? sum(size, axes, keepdims) : max(sum(size, row, keepdims), column, keepdims);
    case Infinity:
      return vector ? max(size, axes, keepdims) : max(sum(size, column, keepdims), row, keepdims);
    case -Infinity:
      return vector ? min(size, axes, keepdims) : min(sum(size, column, keepdims), row, keepdims);
    default:
      return fail(
        "norm",
        vector
          ? "takes the orders 1, 2, Infinity and −Infinity of vectors"
          : 'takes the orders "fro", 1, Infinity and −Infinity of matrices',
        String(order),
      );
  }
}
