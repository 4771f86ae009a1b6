import * as np from "../../tensor/np/index.js";
import type { Value } from "../../tensor/value.js";

/** ‖t‖ over all elements of all leaves in float64, and whether all of them are finite. */
export function measure(tree: readonly Value[]): { readonly norm: Value; readonly finite: Value } {
  const leaves = tree.filter(leaf => leaf.size > 0),
    square = sumOfSquares(leaves);
  // No element of float32 overflows or vanishes when it is squared in float64, so that infinities and NaN show.
  if (leaves.every(leaf => leaf.dtype === "float32")) return { norm: np.sqrt(square), finite: square.less(Infinity) };
  // Squares of float64 may: they are summed of smaller and of larger elements too, which powers of two make without rounding.
  const unit = 2 ** 700,
    small = sumOfSquares(leaves.map(leaf => leaf.mul(1 / unit))),
    large = sumOfSquares(leaves.map(leaf => leaf.mul(unit))),
    ofLarge = np.sqrt(small).mul(unit),
    ofSmall = np.sqrt(large).mul(1 / unit);
  const norm = np.where(square.less(1e-290), ofSmall, np.where(square.less(Infinity), np.sqrt(square), ofLarge));
  return { norm, finite: small.less(Infinity) };
}

/** Whether all elements of all leaves are finite: a finite number times zero is zero, an infinity or NaN is NaN. */
export const allFinite = (leaves: readonly Value[]): Value => sum(leaves.map(leaf => leaf.mul(0).sum().astype("float64"))).equal(0);

const sum = (terms: readonly Value[]): Value => terms.reduce((a, b) => a.add(b), np.zeros([], "float64"));
const sumOfSquares = (leaves: readonly Value[]): Value => sum(leaves.map(leaf => np.square(leaf.astype("float64")).sum()));
