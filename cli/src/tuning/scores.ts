import type { Quantity } from "ufom";
import { studentQuantile } from "ufom/internal/core/random/student-quantile";
import { argmax, sum } from "../cleaning/numbers.js";
import type { TuningRows } from "./rows.js";

/** How good a model is on rows that it was not trained on, with 95 % intervals over rows. */
export interface Scores {
  /** Mean −log p of the class; of numbers the root of the mean squared error, in their own unit. */
  readonly loss: Quantity;
  /** Share of rows whose class is right, where every class counts alike the mean over classes; of numbers R². */
  readonly accuracy: Quantity;
  readonly rows: number;
}

/** What a target is, for scores and predictions. */
export type TargetKind =
  | { readonly kind: "classes"; readonly classes: readonly string[] }
  | { readonly kind: "number"; readonly mean: number; readonly scale: number };

const normal = 1.959963984540054;

/** A weighted mean with its interval: Student's, from how the numbers spread. */
export function meanOf(x: Float64Array, weights: Float64Array): Quantity {
  const total = sum(weights);
  let mean = 0;
  for (let i = 0; i < x.length; i++) mean += (weights[i] * x[i]) / total;
  if (x.length < 2) return { value: mean, low: NaN, high: NaN };
  let variance = 0;
  for (let i = 0; i < x.length; i++) variance += ((weights[i] / total) * (x[i] - mean)) ** 2;
  const half = studentQuantile(x.length - 1) * Math.sqrt((variance * x.length) / (x.length - 1));
  return { value: mean, low: mean - half, high: mean + half };
}

/**
 * A share of rows with its interval, which stays within 0 and 1 also where all or none are right.
 *
 * Source: E. B. Wilson, Journal of the American Statistical Association 22, 1927.
 */
export function shareOf(right: number, n: number): Quantity {
  const p = right / n,
    z2 = normal ** 2,
    centre = (p + z2 / (2 * n)) / (1 + z2 / n),
    half = (normal / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** What each row loses: −log p of its class, or half of the squared error of the standardized number. */
export function lossesOf(output: Float64Array, { count, outputs, targets, codes }: TuningRows, kind: TargetKind["kind"]): Float64Array {
  return Float64Array.from({ length: count }, (_, i) =>
    kind === "classes" ? -output[i * outputs + codes[i]] : 0.5 * (output[i] - targets[i]) ** 2,
  );
}

/** The mean of what rows lose: what is minimized. NaN, as of a training that diverged, counts as infinite. */
export function meanLoss(losses: Float64Array, weights: Float64Array): number {
  const total = sum(weights);
  let mean = 0;
  for (let i = 0; i < losses.length; i++) mean += (weights[i] * losses[i]) / total;
  return Number.isFinite(mean) ? mean : Infinity;
}

/** Scores of outputs: log probabilities, or standardized numbers. */
export function scoresOf(output: Float64Array, rows: TuningRows, target: TargetKind): Scores {
  const { count, outputs, codes, weights, targets } = rows;
  const losses = lossesOf(output, rows, target.kind);
  if (target.kind === "classes") {
    const right = Float64Array.from(codes, (code, i) => Number(argmax(output, i * outputs, outputs) === code));
    const balanced = weights.some(w => w !== 1);
    return { loss: meanOf(losses, weights), accuracy: balanced ? meanOf(right, weights) : shareOf(sum(right), count), rows: count };
  }
  const { scale } = target;
  const squares = meanOf(
    losses.map(x => 2 * x * scale ** 2),
    weights,
  );
  const root = (x: number): number => Math.sqrt(Math.max(0, x));
  const mean = meanLoss(Float64Array.from(targets), weights);
  const variance =
    scale ** 2
    * meanLoss(
      Float64Array.from(targets, y => (y - mean) ** 2),
      weights,
    );
  const explained = (x: number): number => 1 - x / variance;
  return {
    loss: { value: root(squares.value), low: root(squares.low), high: root(squares.high) },
    accuracy: { value: explained(squares.value), low: explained(squares.high), high: explained(squares.low) },
    rows: count,
  };
}

/** How much less rows lose with one model than with another, on the same rows. */
export function differenceOf(of: Float64Array, than: Float64Array, rows: TuningRows, kind: TargetKind["kind"]): Quantity {
  const [a, b] = [of, than].map(output => lossesOf(output, rows, kind));
  return meanOf(
    a.map((x, i) => b[i] - x),
    rows.weights,
  );
}
