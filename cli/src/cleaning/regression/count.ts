import { stream } from "ufom/internal/core/random/index";
import type { WrongCount } from "../count.js";
import { sigmoid, sum } from "../numbers.js";
import type { Judged, RegressionFits } from "./fits.js";
import { some } from "./fits.js";
import { fitErrors } from "./mixture.js";

const drawings = 60;
/** Rows of one drawing at most: the interval is then that of so many rows, which is wider than that of all. */
const most = 4000;

/**
 * How many values are wrong: Σ p_wrong of the rows that nobody has settled. The interval of 95 % has the spread of the share over drawings of rows and trusted rows with replacement,
 * of which the error model is made again, and the chance of the rows themselves; the models of the values stay.
 */
export function countWrongValues({ open, data, context: { seed, signal } }: RegressionFits, { z, residuals, errors }: Judged): WrongCount {
  const n = data.rows,
    m = data.values.length - n,
    random = stream(seed, "regression bootstrap"),
    drawn = Math.min(open.length, most),
    shares: number[] = [];
  for (let k = 0; k < drawings; k++) {
    signal?.throwIfAborted();
    const rows = Int32Array.from({ length: drawn }, () => open[random.integer(open.length)]),
      right = Int32Array.from({ length: m }, () => n + random.integer(m));
    shares.push(fitErrors({ rows: some(residuals, rows), right: some(residuals, right) }, errors, 40).share);
  }
  const mean = sum(shares) / drawings,
    spread = Math.sqrt(sum(shares.map(share => (share - mean) ** 2)) / (drawings - 1)),
    p = Float64Array.from(open, i => sigmoid(z[i])),
    value = sum(p),
    half = 1.96 * Math.sqrt((open.length * spread) ** 2 + sum(p.map(x => x * (1 - x))));
  return { value, low: Math.max(0, value - half), high: Math.min(open.length, value + half) };
}
