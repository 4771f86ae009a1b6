// How labels came to be wrong: by class, by row, or both.
//
// A matrix T[y, ỹ] alone supposes that a label's being wrong depends on nothing but its class. People are wrong where a row is hard to tell, and then
// say what it looks like. Under that noise a matrix takes the wrong labels of hard rows for an honest doubt, and counts too few: what it calls right rows
// are those that a classifier finds hard, which in truth are the ones that lost their labels. So here
//
//     P(ỹ | x, y) = r(x, y)                                                   where ỹ = y,    r = σ(a_y + b h(x) + c g(x, y)),
//                   (1 − r(x, y)) [ (1 − γ) S[y, ỹ] + γ p(ỹ | x)/(1 − p(y | x)) ]  otherwise:
//
// a class keeps its label with odds that change with how easy the row is, h (the log-odds of the likeliest class), and with how much it looks like its own
// class, g (the log-odds of y), both on the scale on which h has mean 0 and deviation 1. A lost label goes where the class is confused with, or, with
// probability γ, where the row looks like it belongs. With b = c = γ = 0 it is a matrix. All of a, b, c, γ, S are fitted by expectation maximization of
// Σ_i log Σ_y p(y | x_i) P(ỹ_i | x_i, y).
//
// Where people say what a row looks like, its label is likelier than its class: labels of the file are told by x more surely than those of trusted rows.
// It is c that says so; with b alone such a file has fewer wrong labels than it should.
import { beforeOf } from "./noise-prior.js";
import type { Before, Slopes } from "./noise-prior.js";
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
  /** b and c. */
  readonly slopes: Slopes;
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

/** Log-odds of each class of each row, between −8 and 8. */
const logOddsOf = (logP: Float64Array): Float64Array =>
  logP.map(log => Math.min(Math.max(log - Math.log(atLeastAHair(-Math.expm1(log))), -8), 8));

/** The largest of each row. */
function easeOf(logOdds: Float64Array, classes: number): Float64Array {
  const ease = new Float64Array(logOdds.length / classes).fill(-Infinity);
  logOdds.forEach((z, at) => {
    const row = Math.floor(at / classes);
    if (z > ease[row]) ease[row] = z;
  });
  return ease;
}

/** g(x, y) of all rows and classes, n × c, and h(x) of all rows. */
function scaled(
  { ease: [mean, deviation], classes }: Noise,
  logLooks: Float64Array,
): { readonly g: Float64Array; readonly h: Float64Array } {
  const g = logOddsOf(logLooks).map(z => (z - mean) / deviation);
  return { g, h: easeOf(g, classes) };
}

/** A noise model that is a matrix, to start from. */
export function fromMatrix(matrix: Float64Array, logLooks: Float64Array): Noise {
  const classes = Math.sqrt(matrix.length),
    ease = easeOf(logOddsOf(logLooks), classes),
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
    slopes: [0, 0],
    byLooks: 0.2,
    confusions,
    ease: [mean, deviation],
    matrix,
    prior: new Float64Array(classes).fill(1 / classes),
  };
}

const keep = ({ offsets, slopes: [b, c] }: Noise, y: number, h: number, g: number): number => sigmoid(offsets[y] + b * h + c * g);

/** r(x, y) of rows and of a class of each. */
export function keepRates(noise: Noise, logLooks: Float64Array, labels: Int32Array): Float64Array {
  const { g, h } = scaled(noise, logLooks);
  return Float64Array.from(labels, (y, i) => keep(noise, y, h[i], g[i * noise.classes + y]));
}

/** P(ỹ | x, y) for each true class y, of one row: `p` has its p(y | x), `h` and `g` how easy it is. */
function chances(noise: Noise, p: Float64Array, h: number, g: Float64Array, given: number, into: Float64Array, looks: Float64Array): void {
  const { classes, byLooks, confusions } = noise;
  for (let y = 0; y < classes; y++) {
    const r = keep(noise, y, h, g[y]);
    looks[y] = y === given ? 0 : (1 - r) * byLooks * (p[given] / atLeastAHair(1 - p[y]));
    into[y] = y === given ? r : (1 - r) * (1 - byLooks) * confusions[y * classes + given] + looks[y];
  }
}

/** log P(ỹ_i | x_i, y) of all rows and classes, n × c, not below −30: what a given label says of the true one. */
export function noiseEvidence(noise: Noise, logLooks: Float64Array, given: Int32Array): Float32Array {
  const { classes } = noise,
    { g, h } = scaled(noise, logLooks),
    evidence = new Float32Array(given.length * classes),
    [p, into, looks] = Array.from({ length: 3 }, () => new Float64Array(classes));
  given.forEach((label, i) => {
    for (let y = 0; y < classes; y++) p[y] = Math.exp(logLooks[i * classes + y]);
    chances(noise, p, h[i], g.subarray(i * classes, (i + 1) * classes), label, into, looks);
    for (let y = 0; y < classes; y++) evidence[i * classes + y] = Math.max(Math.log(into[y]), -30);
  });
  return evidence;
}

/** What an expectation says of a_y, b and c: gradient, curvature of each, and of each pair that meets. */
class Ascent {
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
  readonly #cross: readonly [Float64Array, Float64Array];
  readonly #slopes = [0, 0];
  readonly #square = [0, 0, 0];

  constructor(classes: number) {
    this.gradient = new Float64Array(classes);
    this.curvature = new Float64Array(classes).fill(1e-6);
    this.#cross = [new Float64Array(classes), new Float64Array(classes)];
  }

  /** A label of class y that was kept, or not, with so much weight. */
  add(y: number, kept: boolean, weight: number, r: number, h: number, g: number): void {
    const d = weight * (Number(kept) - r),
      k = weight * r * (1 - r);
    this.gradient[y] += d;
    this.curvature[y] += k;
    this.#cross[0][y] += k * h;
    this.#cross[1][y] += k * g;
    this.#slopes[0] += d * h;
    this.#slopes[1] += d * g;
    this.#square[0] += k * h * h;
    this.#square[1] += k * h * g;
    this.#square[2] += k * g * g;
  }

  /** Newton's step. Every a_y meets b and c and no other a: what is left once these are eliminated is two by two. */
  climb({ offsets, slopes }: Noise, before: Before): Pick<Noise, "offsets" | "slopes"> {
    const common = offsets.reduce((total, a) => total + a, 0) / offsets.length;
    offsets.forEach((a, y) => {
      this.gradient[y] += before.offsetRows * (common - a);
      this.curvature[y] += before.offsetRows;
    });
    const rows = before.slopeRows,
      [g0, g1] = this.#slopes.map((slope, k) => slope - rows[k] * (slopes[k] - before.slopes[k])),
      [k00, k01, k11] = this.#square,
      [c0, c1] = this.#cross;
    let [b, c, bb, bc, cc] = [g0, g1, k00 + rows[0], k01, k11 + rows[1]];
    offsets.forEach((_, y) => {
      const [u, v] = [c0[y] / this.curvature[y], c1[y] / this.curvature[y]];
      b -= u * this.gradient[y];
      c -= v * this.gradient[y];
      bb -= u * c0[y];
      bc -= u * c1[y];
      cc -= v * c1[y];
    });
    const short = (x: number): number => Math.min(Math.max(x, -1), 1),
      determinant = Math.max(bb * cc - bc * bc, 1e-6),
      step = [short((cc * b - bc * c) / determinant), short((bb * c - bc * b) / determinant)];
    return {
      slopes: [slopes[0] + step[0], slopes[1] + step[1]],
      offsets: offsets.map((a, y) => a + short((this.gradient[y] - c0[y] * step[0] - c1[y] * step[1]) / this.curvature[y])),
    };
  }
}

const distance = (a: Float64Array, b: Float64Array): number => a.reduce((most, x, k) => Math.max(most, Math.abs(x - b[k])), 0);

/**
 * The likeliest noise model near a start.
 * @param how whether c may be other than 0, and rounds of expectation maximization at most (150)
 */
export function fitNoise(
  { logTruth, logLooks, given }: NoisyRows,
  start: Noise,
  how: { readonly ofClass: boolean; readonly rounds?: number },
): Noise {
  const { classes } = start,
    { ofClass, rounds = 150 } = how,
    n = given.length,
    before = beforeOf(n, ofClass),
    { g, h } = scaled(start, logLooks),
    truth = logTruth.map(Math.exp),
    looks = logLooks.map(Math.exp),
    [into, chanceByLooks] = [new Float64Array(classes), new Float64Array(classes)];
  let noise = start;
  for (let round = 0; round < rounds; round++) {
    const joint = new Float64Array(classes * classes),
      byClass = new Float64Array(classes * classes).fill(before.anywhere / classes),
      ascent = new Ascent(classes);
    // A fifth of a lost label is taken to go where it looks.
    let [lost, byLooks] = [1, 0.2];
    noise.offsets.forEach((a, y) => {
      const each = before.rows / classes;
      ascent.add(y, true, each * (1 - before.lost), sigmoid(a), 0, 0);
      ascent.add(y, false, each * before.lost, sigmoid(a), 0, 0);
    });
    for (let i = 0; i < n; i++) {
      const label = given[i],
        p = looks.subarray(i * classes, (i + 1) * classes),
        own = g.subarray(i * classes, (i + 1) * classes);
      chances(noise, p, h[i], own, label, into, chanceByLooks);
      let total = 0;
      for (let y = 0; y < classes; y++) total += truth[i * classes + y] * into[y];
      if (!(total > 0)) continue;
      for (let y = 0; y < classes; y++) {
        const w = (truth[i * classes + y] * into[y]) / total;
        if (w < 1e-12) continue;
        joint[y * classes + label] += w;
        ascent.add(y, y === label, w, keep(noise, y, h[i], own[y]), h[i], own[y]);
        if (y === label) continue;
        const share = (w * chanceByLooks[y]) / into[y];
        lost += w;
        byLooks += share;
        byClass[y * classes + label] += w - share;
      }
    }
    const next = ascent.climb(noise, before);
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
      moved = Math.max(
        distance(matrix, noise.matrix),
        ...next.slopes.map((slope, k) => Math.abs(slope - noise.slopes[k])),
        Math.abs(after.byLooks - noise.byLooks),
      );
    noise = after;
    if (moved < 1e-4) break;
  }
  return noise;
}
