import * as np from "../../tensor/np/index.js";
import type { Value } from "../../tensor/value.js";

/** ‖t‖ over all elements of all leaves in float64, and whether all of them are finite. */
export function measure(tree: readonly Value[]): { readonly norm: Value; readonly finite: Value } {
  const leaves = tree.filter(leaf => leaf.size > 0),
    norm = np.sqrt(sumOfSquares(leaves));
  // No element of float32 overflows when it is squared in float64, so that the norm shows infinities and NaN.
  if (leaves.every(leaf => leaf.dtype === "float32")) return { norm, finite: norm.less(Infinity) };
  // Squares of float64 may overflow, or vanish: then the norm is measured by the largest element.
  const largest = leaves.map(leaf => np.abs(leaf.astype("float64")).max()).reduce((a, b) => a.maximum(b)),
    byLargest = largest.mul(np.sqrt(sumOfSquares(leaves.map(leaf => leaf.div(largest))))),
    plain = np.logicalAnd(norm.greater(0), norm.less(Infinity));
  return { norm: np.where(plain, norm, np.where(largest.equal(0), largest, byLargest)), finite: largest.less(Infinity) };
}

/** Whether all elements of all leaves are finite: a finite number times zero is zero, an infinity or NaN is NaN. */
export const allFinite = (leaves: readonly Value[]): Value => sum(leaves.map(leaf => leaf.mul(0).sum().astype("float64"))).equal(0);

const sum = (terms: readonly Value[]): Value => terms.reduce((a, b) => a.add(b), np.zeros([], "float64"));
const sumOfSquares = (leaves: readonly Value[]): Value => sum(leaves.map(leaf => np.square(leaf.astype("float64")).sum()));
