import { stream } from "ufom/internal/core/random/index";
import { bestTemperature, cool, plainEvidence } from "./cross-fit.js";
import { noisyRows } from "./fits.js";
import type { Fits } from "./fits.js";
import { sum } from "./numbers.js";
import { fitNoise } from "./noise-model.js";
import { wrongShare } from "./transition.js";

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
 * and noise model) is made again. The classifiers stay, and so does what the model supposes.
 */
async function drawSpread(fits: Fits): Promise<number> {
  const {
      input: { rows, classes },
      trusted,
      context: { seed, signal },
    } = fits,
    { fitted, noise } = await fits.noise(),
    random = stream(seed, "cleaning bootstrap"),
    n = Math.min(rows.labels.length, most),
    shares: number[] = [];
  for (let k = 0; k < drawings; k++) {
    signal?.throwIfAborted();
    const drawn = Int32Array.from({ length: n }, () => random.integer(rows.labels.length)),
      logP = pick(fitted.rows, drawn, classes),
      again = Int32Array.from({ length: trusted.labels.length }, () => random.integer(trusted.labels.length)),
      truth = rows.truth && pick(rows.truth, drawn, 1),
      labels = pick(trusted.labels, again, 1),
      given = trusted.given && pick(trusted.given, again, 1),
      ofTrusted = pick(fitted.trusted, again, classes);
    if (again.length > 0) {
      const temperature = bestTemperature(ofTrusted, plainEvidence(labels, classes), classes);
      cool(logP, classes, temperature);
      cool(ofTrusted, classes, temperature);
    }
    const drawnRows = { labels: pick(rows.labels, drawn, 1), ...(truth ? { truth } : {}) },
      drawnTrusted = { features: trusted.features, labels, ...(given ? { given } : {}) },
      model = fitNoise(noisyRows(logP, drawnRows, ofTrusted, drawnTrusted, classes), noise, { ofClass: true, rounds: 20 });
    shares.push(wrongShare(model));
  }
  const mean = sum(shares) / drawings;
  return Math.sqrt(sum(shares.map(share => (share - mean) ** 2)) / (drawings - 1));
}

const known = new WeakMap<Fits, Promise<number>>();

/** It depends on no method: methods that share their fits share it too. */
function spread(fits: Fits): Promise<number> {
  const found = known.get(fits) ?? drawSpread(fits);
  known.set(fits, found);
  return found;
}

/** How many of the rows are wrong: Σ p_wrong, with the bootstrap's spread and that of the rows themselves, 1.96 times. */
export async function countWrong(fits: Fits, pWrong: Float64Array): Promise<WrongCount> {
  const n = pWrong.length,
    value = sum(pWrong),
    chance = sum(pWrong.map(p => p * (1 - p))),
    half = 1.96 * Math.sqrt((n * (await spread(fits))) ** 2 + chance);
  return { value, low: Math.max(0, value - half), high: Math.min(n, value + half) };
}
