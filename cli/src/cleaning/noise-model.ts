// How labels came to be wrong: by class, by row, or both.
//
// A matrix T[y, ỹ] alone supposes that a label's being wrong depends on nothing but its class. People are wrong where a row is hard to tell, and then
// say what it looks like. Under that noise a matrix takes the wrong labels of hard rows for an honest doubt, and counts too few: what it calls right rows
// are those that a classifier finds hard, which in truth are the ones that lost their labels. So here
//
//     P(ỹ | x, y) = r(x, y)                                                   where ỹ = y,    r = σ(a_y + b h(x)),
//                   (1 − r(x, y)) [ (1 − γ) S[y, ỹ] + γ p(ỹ | x)/(1 − p(y | x)) ]  otherwise:
//
// a class keeps its label with odds that change with how easy the row is, h (the standardized log-odds of the likeliest class), and a lost label goes where
// the class is confused with, or, with probability γ, where the row looks like it belongs. With b = γ = 0 it is a matrix. All of a, b, γ, S are fitted by
// expectation maximization of Σ_i log Σ_y p(y | x_i) P(ỹ_i | x_i, y).
import { atLeastAHair, sigmoid } from "./numbers.js";

/** Rows of which a noise model is fitted. */
export interface NoisyRows {
  /** log P(true y | x), n × c: of a row whose truth is known, 0 there and −∞ elsewhere. */
  readonly logTruth: Float64Array;
  /** log p(y | x) by the classifier, n × c: where a row looks like it belongs. */
  readonly logLooks: Float64Array;
  readonly given: Int32Array;
}

/** A fitted model of how labels are lost. */
export interface Noise {
  readonly classes: number;
  /** a_y. */
  readonly offsets: Float64Array;
  /** b. */
  readonly slope: number;
  /** γ. */
  readonly byLooks: number;
  /** S[y, ỹ], c × c, rows of sum 1, zero on the diagonal. */
  readonly confusions: Float64Array;
  /** Mean and deviation of the log-odds that h standardizes. */
  readonly ease: readonly [mean: number, deviation: number];
  /** P(ỹ | y) of the file, c × c, and how often each true class is in it. */
  readonly matrix: Float64Array;
  readonly prior: Float64Array;
}

/** Log-odds of the likeliest class of each row, between −3 and 8. */
function easeOf(logP: Float64Array, classes: number): Float64Array {
  const ease = new Float64Array(logP.length / classes);
  for (let i = 0; i < ease.length; i++) {
    let most = -Infinity;
    for (let y = 0; y < classes; y++) most = Math.max(most, logP[i * classes + y]);
    ease[i] = Math.min(Math.max(most - Math.log(atLeastAHair(-Math.expm1(most))), -3), 8);
  }
  return ease;
}

/** A noise model that is a matrix, to start from. */
export function fromMatrix(matrix: Float64Array, logLooks: Float64Array): Noise {
  const classes = Math.sqrt(matrix.length),
    ease = easeOf(logLooks, classes),
    mean = ease.reduce((a, b) => a + b, 0) / ease.length,
    deviation = Math.sqrt(ease.reduce((total, x) => total + (x - mean) ** 2, 0) / ease.length) || 1,
    confusions = new Float64Array(classes * classes),
    offsets = new Float64Array(classes);
  for (let y = 0; y < classes; y++) {
    const kept = Math.min(Math.max(matrix[y * classes + y], 0.05), 0.99);
    offsets[y] = Math.log(kept / (1 - kept));
    let total = 0;
    for (let j = 0; j < classes; j++) if (j !== y) total += confusions[y * classes + j] = matrix[y * classes + j] + 0.01 / classes;
    for (let j = 0; j < classes; j++) confusions[y * classes + j] /= total;
  }
  return {
    classes,
    offsets,
    slope: 0,
    byLooks: 0.2,
    confusions,
    ease: [mean, deviation],
    matrix,
    prior: new Float64Array(classes).fill(1 / classes),
  };
}

/** r(x, y) of rows and of a class of each. */
export function keepRates(noise: Noise, logLooks: Float64Array, labels: Int32Array): Float64Array {
  const [mean, deviation] = noise.ease,
    ease = easeOf(logLooks, noise.classes);
  return Float64Array.from(labels, (y, i) => sigmoid(noise.offsets[y] + (noise.slope * (ease[i] - mean)) / deviation));
}

/** P(ỹ | x, y) for each true class y, of one row; `p` has its p(y | x), `h` how easy it is. */
function chances(noise: Noise, p: Float64Array, h: number, given: number, into: Float64Array): { kept: number; looks: Float64Array } {
  const { classes, offsets, slope, byLooks, confusions } = noise,
    looks = new Float64Array(classes);
  for (let y = 0; y < classes; y++) {
    const r = sigmoid(offsets[y] + slope * h);
    if (y === given) into[y] = r;
    else {
      looks[y] = (1 - r) * byLooks * (p[given] / atLeastAHair(1 - p[y]));
      into[y] = (1 - r) * (1 - byLooks) * confusions[y * classes + given] + looks[y];
    }
  }
  return { kept: into[given], looks };
}

/** log P(ỹ_i | x_i, y) of all rows and classes, n × c, not below −30: what a given label says of the true one. */
export function noiseEvidence(noise: Noise, logLooks: Float64Array, given: Int32Array): Float32Array {
  const { classes } = noise,
    [mean, deviation] = noise.ease,
    ease = easeOf(logLooks, classes),
    evidence = new Float32Array(given.length * classes),
    [p, into] = [new Float64Array(classes), new Float64Array(classes)];
  given.forEach((label, i) => {
    for (let y = 0; y < classes; y++) p[y] = Math.exp(logLooks[i * classes + y]);
    chances(noise, p, (ease[i] - mean) / deviation, label, into);
    for (let y = 0; y < classes; y++) evidence[i * classes + y] = Math.max(Math.log(into[y]), -30);
  });
  return evidence;
}

/** What shrinks b towards 0: so many rows' worth. */
const slopeRidge = 4;

/** Newton's step for a_y and b, whose curvature is an arrow: every a_y meets b, and no other. */
function climb(
  { offsets, slope }: Noise,
  gradient: Float64Array,
  curvature: Float64Array,
  cross: Float64Array,
  ofSlope: readonly [number, number],
) {
  let [g, k] = [ofSlope[0] - slopeRidge * slope, ofSlope[1] + slopeRidge];
  offsets.forEach((_, y) => {
    g -= (cross[y] / curvature[y]) * gradient[y];
    k -= (cross[y] / curvature[y]) * cross[y];
  });
  const short = (x: number): number => Math.min(Math.max(x, -1), 1),
    step = short(g / Math.max(k, 1e-6));
  return { slope: slope + step, offsets: offsets.map((a, y) => a + short((gradient[y] - cross[y] * step) / curvature[y])) };
}

const distance = (a: Float64Array, b: Float64Array): number => a.reduce((most, x, k) => Math.max(most, Math.abs(x - b[k])), 0);

/** The likeliest noise model near a start. */
export function fitNoise({ logTruth, logLooks, given }: NoisyRows, start: Noise, rounds = 150): Noise {
  const { classes } = start,
    n = given.length,
    [mean, deviation] = start.ease,
    h = easeOf(logLooks, classes).map(x => (x - mean) / deviation),
    truth = logTruth.map(Math.exp),
    looks = logLooks.map(Math.exp),
    into = new Float64Array(classes);
  let noise = start;
  for (let round = 0; round < rounds; round++) {
    const joint = new Float64Array(classes * classes),
      byClass = new Float64Array(classes * classes).fill(0.01 / classes),
      // Half a row of each class is taken to be kept, and half a lost label to go where it looks.
      [gradient, curvature, cross] = [new Float64Array(classes).fill(0), new Float64Array(classes).fill(1e-6), new Float64Array(classes)];
    let [gSlope, kSlope, lost, byLooks] = [0, 0, 1, 0.2];
    noise.offsets.forEach((a, y) => {
      const r = sigmoid(a);
      gradient[y] += 0.5 * (1 - r);
      curvature[y] += 0.5 * r * (1 - r);
    });
    for (let i = 0; i < n; i++) {
      const label = given[i],
        p = looks.subarray(i * classes, (i + 1) * classes),
        { looks: chanceByLooks } = chances(noise, p, h[i], label, into);
      let total = 0;
      for (let y = 0; y < classes; y++) total += truth[i * classes + y] * into[y];
      if (!(total > 0)) continue;
      for (let y = 0; y < classes; y++) {
        const w = (truth[i * classes + y] * into[y]) / total;
        if (w < 1e-12) continue;
        joint[y * classes + label] += w;
        const r = sigmoid(noise.offsets[y] + noise.slope * h[i]),
          d = w * (Number(y === label) - r),
          k = w * r * (1 - r);
        gradient[y] += d;
        curvature[y] += k;
        cross[y] += k * h[i];
        gSlope += d * h[i];
        kSlope += k * h[i] * h[i];
        if (y === label) continue;
        const share = (w * chanceByLooks[y]) / into[y];
        lost += w;
        byLooks += share;
        byClass[y * classes + label] += w - share;
      }
    }
    const next = climb(noise, gradient, curvature, cross, [gSlope, kSlope]);
    for (let y = 0; y < classes; y++) {
      const row = byClass.subarray(y * classes, (y + 1) * classes);
      row[y] = 0;
      const total = row.reduce((a, b) => a + b, 0);
      for (let j = 0; j < classes; j++) row[j] /= total;
    }
    const matrix = joint.slice(),
      prior = new Float64Array(classes);
    for (let y = 0; y < classes; y++) {
      const row = matrix.subarray(y * classes, (y + 1) * classes),
        mass = row.reduce((a, b) => a + b, 0);
      prior[y] = mass / n;
      for (let j = 0; j < classes; j++) row[j] = mass > 0 ? row[j] / mass : Number(j === y);
    }
    const after = { ...noise, ...next, byLooks: byLooks / lost, confusions: byClass, matrix, prior },
      moved = Math.max(distance(matrix, noise.matrix), Math.abs(next.slope - noise.slope), Math.abs(after.byLooks - noise.byLooks));
    noise = after;
    if (moved < 1e-4) break;
  }
  return noise;
}
