import { stream } from "ufom/internal/core/random/index";
import { bestTemperature, cool, plainEvidence } from "./cross-fit.js";
import { knownPairs } from "./fits.js";
import type { Fits } from "./fits.js";
import { sum } from "./numbers.js";
import { fitTransition, wrongShare } from "./transition.js";

/** How many rows are wrong, with an interval of 95 %. */
export interface WrongCount {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Rows of one drawing at most: the interval is then that of so many rows, which is wider than that of all. */
const most = 4000;
const drawings = 60;

const pick = <A extends Float64Array | Int32Array>(from: A, rows: Int32Array, width: number): A => {
  const picked = new (from.constructor as new (n: number) => A)(rows.length * width);
  rows.forEach((row, to) => picked.set(from.subarray(row * width, (row + 1) * width), to * width));
  return picked;
};

/**
 * Spread of the share of wrong labels: rows and trusted rows are drawn again with replacement, and what is made of the classifiers' answers (temperature
 * and T) is made again. The classifiers stay; so does the assumption that T depends on nothing but the class.
 */
async function spread(fits: Fits): Promise<number> {
  const {
      input: { rows, classes },
      trusted,
      context: { seed, signal },
    } = fits,
    { fitted, transition } = await fits.noise(),
    random = stream(seed, "cleaning bootstrap"),
    n = Math.min(rows.labels.length, most),
    shares: number[] = [];
  for (let k = 0; k < drawings; k++) {
    signal?.throwIfAborted();
    const drawn = Int32Array.from({ length: n }, () => random.integer(rows.labels.length)),
      logP = pick(fitted.rows, drawn, classes),
      again = Int32Array.from({ length: trusted.labels.length }, () => random.integer(trusted.labels.length)),
      labels = pick(trusted.labels, again, 1),
      given = trusted.given && pick(trusted.given, again, 1);
    if (again.length > 0) {
      cool(logP, classes, bestTemperature(pick(fitted.trusted, again, classes), plainEvidence(labels, classes), classes));
    }
    const known = knownPairs({ features: trusted.features, labels, ...(given ? { given } : {}) }, classes),
      again_ = fitTransition(logP, pick(rows.labels, drawn, 1), classes, { start: transition.matrix, known, rounds: 20 });
    shares.push(wrongShare(again_));
  }
  const mean = sum(shares) / drawings;
  return Math.sqrt(sum(shares.map(share => (share - mean) ** 2)) / (drawings - 1));
}

/** How many of the rows are wrong: Σ p_wrong, with the bootstrap's spread and that of the rows themselves, 1.96 times. */
export async function countWrong(fits: Fits, pWrong: Float64Array): Promise<WrongCount> {
  const n = pWrong.length,
    value = sum(pWrong),
    chance = sum(pWrong.map(p => p * (1 - p))),
    half = 1.96 * Math.sqrt((n * (await spread(fits))) ** 2 + chance);
  return { value, low: Math.max(0, value - half), high: Math.min(n, value + half) };
}
