import { normalQuantile } from "../random/normal-quantile.js";
import type { Random } from "../random/index.js";
import { studentQuantile } from "../random/student-quantile.js";
import type { PointSample } from "./sample.js";

/** An estimate with its 95 % interval. */
export interface Quantity {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Means over tasks and points, as `innerProducts` lays them out: of tasks with themselves, and of pairs of different tasks. */
export interface Moments {
  readonly own: Float64Array;
  readonly cross: Float64Array;
}

/** The means of a sample, and of resamples of it. */
export interface Resampled {
  readonly value: Moments;
  readonly others: readonly Moments[];
  /** The share of resamples below the interval, and above it. */
  readonly tail: number;
}

/** What is resampled: tasks at each θ, or, where there is one task only, the θ. */
export type Resampling = "tasks" | "points";

/**
 * How much of a bootstrap distribution of n draws is left out at each end for an interval of 95 %: Φ(−√(n/(n − 1))·t), which makes up for the
 * distribution being too narrow where n is small.
 *
 * Source: T. C. Hesterberg, What teachers should know about the bootstrap, The American Statistician 69(4), 2015: the expanded percentile interval.
 */
export function tailOf(n: number): number {
  const wanted = -Math.sqrt(n / (n - 1)) * studentQuantile(n - 1);
  let [low, high] = [1e-300, 0.5];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (normalQuantile(middle) < wanted) low = middle;
    else high = middle;
  }
  return low;
}

/** The means over points, each with the same share. */
function meansOf(points: readonly PointSample[], length: number, alone: boolean): Moments {
  const means = { own: new Float64Array(length), cross: new Float64Array(length) };
  for (const point of points) point.addMeans(means.own, means.cross, undefined, alone, 1 / points.length);
  return means;
}

/**
 * Resamples of what was seen: tasks with replacement within each θ, so that they stay with theirs; or, where there is one task, whole points.
 *
 * @param length how many of the numbers are wanted
 * @param count how many resamples
 */
export function resampled(
  points: readonly PointSample[],
  { length, count, by, random }: { readonly length: number; readonly count: number; readonly by: Resampling; readonly random: Random },
): Resampled {
  const alone = by === "points",
    value = meansOf(points, length, alone),
    n = alone ? points.length : Math.min(...points.map(({ tasks }) => tasks)),
    others: Moments[] = [];
  if (n < 2) return { value, others, tail: 0 };
  while (others.length < count) {
    const means = { own: new Float64Array(length), cross: new Float64Array(length) };
    for (const point of points) {
      const at = alone ? points[random.integer(points.length)] : point;
      at.addMeans(means.own, means.cross, alone ? undefined : at.resample(random), alone, 1 / points.length);
    }
    others.push(means);
  }
  return { value, others, tail: tailOf(n) };
}

/** A quantity and its interval: of the sample, and between quantiles of the resamples, of which those are left out where it has no number. */
export function quantity({ value, others, tail }: Resampled, of: (moments: Moments) => number): Quantity {
  const found = of(value),
    sorted = Float64Array.from(others, of)
      .filter(x => !Number.isNaN(x))
      .sort();
  if (!sorted.length) return { value: found, low: found, high: found };
  const at = Math.floor(tail * sorted.length);
  // The estimate lies in its own interval, however skew the resamples are.
  return { value: found, low: Math.min(sorted[at], found), high: Math.max(sorted[sorted.length - 1 - at], found) };
}
