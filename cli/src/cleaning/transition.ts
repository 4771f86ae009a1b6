import { argmax, logit, logSumExp } from "./numbers.js";

/** Noise by class: T[y, ỹ] = P(given ỹ | true y), c × c with rows of sum 1, and how often each true class is in the file. */
export interface Transition {
  readonly matrix: Float64Array;
  readonly prior: Float64Array;
}

/** Rows in which each row has sum 1; of a row of zeros the diagonal is 1. */
function normalizeRows(matrix: Float64Array, classes: number): Float64Array {
  for (let y = 0; y < classes; y++) {
    const row = matrix.subarray(y * classes, (y + 1) * classes),
      total = row.reduce((a, b) => a + b, 0);
    if (total > 0) for (let j = 0; j < classes; j++) row[j] /= total;
    else row[y] = 1;
  }
  return matrix;
}

/**
 * A first T from trusted rows: T[y, ·] = the mean over trusted rows of class y of what a classifier trained on the given labels says.
 *
 * Source: D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, Using trusted data to train deep networks on labels corrupted by severe noise, NeurIPS 2018.
 *
 * @param logP log probabilities of given labels at the trusted rows, m × c
 */
export function goldTransition(logP: Float64Array, labels: Int32Array, classes: number): Float64Array {
  const matrix = new Float64Array(classes * classes);
  labels.forEach((y, i) => {
    for (let j = 0; j < classes; j++) matrix[y * classes + j] += Math.exp(logP[i * classes + j]);
  });
  return normalizeRows(matrix, classes);
}

/** A first T from the confident joint Q[ỹ, y] where nothing is trusted: its columns. */
export function jointTransition(joint: Float64Array, classes: number): Float64Array {
  const matrix = new Float64Array(classes * classes);
  for (let given = 0; given < classes; given++) for (let y = 0; y < classes; y++) matrix[y * classes + given] = joint[given * classes + y];
  return normalizeRows(matrix, classes);
}

/**
 * The likeliest T where p(y | x) is known, by expectation maximization: the true classes are what is not seen.
 *
 *     E:  w_i(y) ∝ p(y | x_i) T[y, ỹ_i]          M:  T[y, j] ∝ Σ_{i: ỹ_i = j} w_i(y) + ½ [y = j]
 *
 * The likelihood Σ_i log Σ_y p(y | x_i) T[y, ỹ_i] is concave in T, so the start does not decide where it ends. Half a row is taken to be right in each
 * class, for classes of which there is hardly any.
 *
 * @param logP log p(y | x), n × c
 * @param rounds at most; it ends earlier where no entry moves by 1e-5
 */
export function fitTransition(logP: Float64Array, given: Int32Array, classes: number, start: Float64Array, rounds = 200): Transition {
  const n = given.length,
    p = logP.map(Math.exp),
    w = new Float64Array(classes);
  // No entry of the start is zero: what is zero once stays so.
  let matrix = normalizeRows(
    start.map(t => t + 1e-3 / classes),
    classes,
  );
  let prior = new Float64Array(classes);
  for (let round = 0; round < rounds; round++) {
    const next = new Float64Array(classes * classes),
      mass = new Float64Array(classes);
    for (let y = 0; y < classes; y++) next[y * classes + y] += 0.5;
    for (let i = 0; i < n; i++) {
      let total = 0;
      for (let y = 0; y < classes; y++) total += w[y] = p[i * classes + y] * matrix[y * classes + given[i]];
      if (!(total > 0)) continue;
      for (let y = 0; y < classes; y++) {
        const share = w[y] / total;
        next[y * classes + given[i]] += share;
        mass[y] += share;
      }
    }
    normalizeRows(next, classes);
    let moved = 0;
    for (let k = 0; k < next.length; k++) moved = Math.max(moved, Math.abs(next[k] - matrix[k]));
    matrix = next;
    prior = mass.map(count => count / n);
    if (moved < 1e-5) break;
  }
  return { matrix, prior };
}

/**
 * P(true y | x, given ỹ) = p(y | x) P(ỹ | x, y) / Σ_k p(k | x) P(ỹ | x, k), the posterior of one row.
 *
 * @param logP log p(y | x), n × c
 * @param evidence log P(ỹ_i | x_i, y), n × c
 */
export function posterior(logP: Float64Array, evidence: Float32Array, row: number, classes: number): Float64Array {
  const start = row * classes,
    both = Float64Array.from({ length: classes }, (_, y) => logP[start + y] + evidence[start + y]),
    norm = logSumExp(both);
  return both.map(x => Math.exp(x - norm));
}

/** The log-odds that a label is wrong, and the likeliest class besides it. */
export function judge(
  logP: Float64Array,
  evidence: Float32Array,
  row: number,
  given: number,
  classes: number,
): { readonly wrong: number; readonly other: number } {
  const after = posterior(logP, evidence, row, classes),
    others = after.reduce((total, p, y) => (y === given ? total : total + p), 0);
  return { wrong: others < 0.5 ? logit(others) : -logit(after[given]), other: argmax(after, 0, classes, given) };
}

/** The share of wrong labels that noise by class says: Σ_y prior[y] (1 − T[y, y]). */
export function wrongShare({ matrix, prior }: Transition): number {
  const classes = prior.length;
  return prior.reduce((total, share, y) => total + share * (1 - matrix[y * classes + y]), 0);
}
