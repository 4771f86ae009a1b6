import { sum } from "../numbers.js";
import type { Judged, RegressionFits } from "./fits.js";

/** A method, and how well its p_wrong does on what it was not fitted to. */
export interface TriedMethod {
  readonly method: string;
  /** Expected squared error of p_wrong, but for what is the same of all. */
  readonly error: number;
}

/** What each row and each trusted row adds to the expected squared error. */
interface Parts {
  readonly rows: Float64Array;
  readonly right: Float64Array;
}

const meanOf = (x: Float64Array): number => sum(x) / x.length;

function varianceOf(x: Float64Array): number {
  const mean = meanOf(x);
  return sum(x.map(value => (value - mean) ** 2)) / Math.max(1, x.length - 1);
}

/**
 * The expected squared error of p_wrong, where only rows that are right are known. With W = 1 where a value is wrong, and π the share of those,
 *
 *     E (p − W)² = E p² − 2 E p + 2 (1 − π) E[p | right] + π,
 *
 * of which the first means are over the rows and the last over trusted rows, scored with their own values.
 */
function partsOf({ apart }: Judged, n: number, share: number): Parts {
  return {
    rows: apart.subarray(0, n).map(p => p * p - 2 * p + share),
    right: apart.subarray(n).map(p => 2 * (1 - share) * p),
  };
}

/** Chooses the method with the least expected squared error of p_wrong on trusted rows, but the noise model where none is better by more than two standard errors. */
export function chooseMethod(
  { data: { rows: n, values, folds } }: RegressionFits,
  judged: ReadonlyMap<string, Judged>,
  leading: string,
): { readonly chosen: string; readonly tried: readonly TriedMethod[]; readonly reason: string } {
  const share = judged.get(leading)!.errors.share,
    parts = new Map(Array.from(judged, ([name, one]) => [name, partsOf(one, n, share)])),
    errorOf = ({ rows, right }: Parts): number => meanOf(rows) + meanOf(right),
    tried = Array.from(parts, ([method, one]) => ({ method, error: errorOf(one) })),
    least = tried.reduce((a, b) => (b.error < a.error ? b : a)),
    [a, b] = [parts.get(leading)!, parts.get(least.method)!],
    minus = (x: Float64Array, y: Float64Array): Float64Array => x.map((value, i) => value - y[i]),
    [rows, right] = [minus(a.rows, b.rows), minus(a.right, b.right)],
    difference = meanOf(rows) + meanOf(right),
    error = Math.sqrt(varianceOf(rows) / rows.length + varianceOf(right) / right.length),
    chosen = difference > 2 * error ? least.method : leading,
    said = tried.map(one => `${one.method} ${one.error.toFixed(4)}`).join(", ");
  return {
    chosen,
    tried,
    reason: `${chosen} by ${folds}-fold cross-validation on ${values.length - n} trusted rows: expected squared error of p_wrong, least is best: ${said}.${
      chosen === least.method ? "" : ` ${least.method} is not better by more than two standard errors.`
    }`,
  };
}
