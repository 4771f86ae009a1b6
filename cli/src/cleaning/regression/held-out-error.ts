import { stream } from "ufom/internal/core/random/index";
import { dealFolds, positions } from "../folds.js";
import type { CleaningContext } from "../input.js";
import { sum } from "../numbers.js";
import { cleanValues } from "./clean-values.js";
import { CrossFitter } from "./cross-fit.js";
import type { ModelChoice } from "./cross-fit.js";
import type { RegressionInput, ValuedRows } from "./input.js";
import { leastTrusted } from "./input.js";
import { fromModel, targetOf, toModel } from "./target.js";
import type { Target } from "./target.js";

/** A number with its interval of 95 %. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Root mean squared error on trusted rows that nothing was made with: trained on all values, and without the suspects. */
export interface HeldOutError {
  readonly before: Interval;
  readonly after: Interval;
  /** Before less after, on the same rows. */
  readonly gain: Interval;
  /** Trusted rows that were held out, in turn. */
  readonly rows: number;
}

/** Parts into which the trusted rows are dealt; each is held out once. */
const parts = 2;
/** So many trusted rows there must be for each part to clean. */
export const leastHeldOut = parts * leastTrusted;

/** Drawings of trusted rows with replacement, from which the intervals are. */
const drawings = 1000;

const rootOf = (squares: Float64Array): number => Math.sqrt(sum(squares) / squares.length);

/** The 2.5th and 97.5th of a hundred. */
function interval(value: number, drawn: Float64Array): Interval {
  const sorted = drawn.sort(),
    at = (p: number): number => sorted[Math.round(p * (sorted.length - 1))];
  return { value, low: at(0.025), high: at(0.975) };
}

/** Roots of mean squares of pairs, and their difference, with percentiles of a bootstrap over the pairs. */
export function pairedRoots(before: Float64Array, after: Float64Array, seed: number): Omit<HeldOutError, "rows"> {
  const m = before.length,
    random = stream(seed, "held-out error"),
    drawn = [0, 1, 2].map(() => new Float64Array(drawings));
  for (let k = 0; k < drawings; k++) {
    const rows = Int32Array.from({ length: m }, () => random.integer(m)),
      [a, b] = [before, after].map(squares => rootOf(Float64Array.from(rows, row => squares[row])));
    [drawn[0][k], drawn[1][k], drawn[2][k]] = [a, b, a - b];
  }
  const [a, b] = [rootOf(before), rootOf(after)];
  return { before: interval(a, drawn[0]), after: interval(b, drawn[1]), gain: interval(a - b, drawn[2]) };
}

const some = ({ features, values }: ValuedRows, rows: Int32Array, width: number): ValuedRows => {
  const picked = { features: new Float32Array(rows.length * width), values: Float64Array.from(rows, row => values[row]) };
  rows.forEach((row, to) => picked.features.set(features.subarray(row * width, (row + 1) * width), to * width));
  return picked;
};

/**
 * Error before and after cleaning, on trusted rows that nothing was made with: one half of them cleans and the other half is asked, and the other way round. Before: a model trained
 * by least squares on the given values. After: the same without the suspects.
 *
 * @param choice which model it is
 */
export async function heldOutError(
  input: RegressionInput,
  context: CleaningContext,
  method: string,
  choice: ModelChoice & Pick<Target, "log">,
): Promise<HeldOutError> {
  const { rows, width } = input,
    trusted = input.trusted!,
    [n, m] = [rows.values.length, trusted.values.length],
    target = targetOf(rows.values, choice.log),
    half = dealFolds(new Int32Array(m), parts, context.seed, "held-out trusted rows");
  /** Squared errors on trusted rows of a model of the rows. */
  const squares = async (weights: Float64Array): Promise<Float64Array> => {
    const features = new Float32Array((n + m) * width),
      values = new Float64Array(n + m),
      fold = new Int32Array(n + m),
      all = new Float64Array(n + m).fill(1);
    features.set(rows.features);
    features.set(trusted.features, n * width);
    values.set(toModel(target, rows.values));
    // They are asked, and never trained on: what stands there says nothing.
    all.set(weights);
    // Rows are trained on and trusted ones are asked: two parts, of which only the second one is.
    fold.fill(1, n);
    const fitter = new CrossFitter({ width, folds: 2, features, values, fold, rows: n }, context),
      predicted = await fitter.ask(1, all, choice);
    return fromModel(target, predicted).map((y, j) => (y - trusted.values[j]) ** 2);
  };
  context.progress?.("error before", 0);
  const before = await squares(new Float64Array(n).fill(1)),
    after = new Float64Array(m);
  for (let part = 0; part < parts; part++) {
    const [own, held] = [positions(half, h => h !== part), positions(half, h => h === part)],
      progress = (what: string, share: number) => context.progress?.(`error, ${part + 1} of ${parts}: ${what}`, share),
      found = await cleanValues({ ...input, trusted: some(trusted, own, width) }, { ...context, progress }, method),
      errors = await squares(Float64Array.from(found.suspect, suspect => 1 - suspect));
    for (const row of held) after[row] = errors[row];
  }
  return { ...pairedRoots(before, after, context.seed), rows: m };
}
