// Confident learning: C. G. Northcutt, L. Jiang, I. L. Chuang, Confident learning: estimating uncertainty in dataset labels, JAIR 70, 2021.
// The sections of the paper stand beside its parts.
import { argmax, sum } from "./numbers.js";

/** How rows are chosen once the joint of given and true labels is known (section 3.2 of the paper). */
export const prunings = ["confident-joint", "class", "noise-rate", "both"] as const;
export type Pruning = (typeof prunings)[number];

/** What confident learning finds. */
export interface ConfidentJoint {
  /** t_j, the mean p_j over the rows whose given label is j; ∞ for a class that nobody was given. */
  readonly thresholds: Float64Array;
  /** C[ỹ, y], rows that were given ỹ and are confidently y, c × c. */
  readonly counts: Float64Array;
  /** Q[ỹ, y], their joint distribution: calibrated to how often each label was given, with sum 1. */
  readonly joint: Float64Array;
  /** The confidently true class of each row, −1 where no class reaches its threshold. */
  readonly confident: Int32Array;
}

/**
 * The confident joint (section 3.1): a row is counted as y where p_y ≥ t_y, and as the likeliest of these classes where there are several.
 *
 * @param p out-of-sample probabilities, n × c
 * @param given the labels of the file
 */
export function confidentJoint(p: Float64Array, given: Int32Array, classes: number): ConfidentJoint {
  const n = given.length,
    often = new Float64Array(classes),
    thresholds = new Float64Array(classes),
    counts = new Float64Array(classes * classes),
    confident = new Int32Array(n).fill(-1);
  given.forEach((label, i) => {
    often[label]++;
    thresholds[label] += p[i * classes + label];
  });
  for (let j = 0; j < classes; j++) thresholds[j] = often[j] > 0 ? thresholds[j] / often[j] : Infinity;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < classes; j++) {
      const here = p[i * classes + j];
      if (here >= thresholds[j] && (confident[i] < 0 || here > p[i * classes + confident[i]])) confident[i] = j;
    }
    if (confident[i] >= 0) counts[given[i] * classes + confident[i]]++;
  }
  const joint = new Float64Array(classes * classes);
  for (let label = 0; label < classes; label++) {
    const row = counts.subarray(label * classes, (label + 1) * classes),
      total = sum(row);
    for (let y = 0; y < classes; y++) {
      // Of a label that none of its rows confidently has, nothing is known: it is taken to be right.
      const share = total > 0 ? row[y] / total : Number(y === label);
      joint[label * classes + y] = (share * often[label]) / n;
    }
  }
  return { thresholds, counts, joint, confident };
}

/** The first k of some rows by a score, the highest first; equal ones in their order. */
function highest(rows: readonly number[], score: (i: number) => number, k: number): number[] {
  return [...rows].sort((a, b) => score(b) - score(a) || a - b).slice(0, k);
}

/**
 * The rows that are taken to be wrong, 1 each (section 3.2):
 *
 * * `confident-joint`: those counted off the diagonal of C;
 * * `class`: of each label ỹ the n Σ_{y ≠ ỹ} Q[ỹ, y] rows that are least likely to have it;
 * * `noise-rate`: for each ỹ ≠ y the n Q[ỹ, y] rows given ỹ with the largest margin p_y − p_ỹ;
 * * `both`: those that `class` and `noise-rate` agree on.
 */
export function prune(p: Float64Array, given: Int32Array, classes: number, found: ConfidentJoint, how: Pruning): Uint8Array {
  const n = given.length,
    wrong = new Uint8Array(n);
  if (how === "confident-joint")
    return Uint8Array.from(given, (label, i) => Number(found.confident[i] >= 0 && found.confident[i] !== label));
  if (how === "both") {
    const [one, other] = [prune(p, given, classes, found, "class"), prune(p, given, classes, found, "noise-rate")];
    return one.map((bit, i) => bit & other[i]);
  }
  const of = Array.from({ length: classes }, (): number[] => []);
  given.forEach((label, i) => of[label].push(i));
  for (let label = 0; label < classes; label++) {
    const at = (y: number): number => Math.round(n * found.joint[label * classes + y]);
    if (how === "class") {
      let off = 0;
      for (let y = 0; y < classes; y++) if (y !== label) off += n * found.joint[label * classes + y];
      for (const i of highest(of[label], i => -p[i * classes + label], Math.round(off))) wrong[i] = 1;
    } else {
      for (let y = 0; y < classes; y++) {
        if (y === label) continue;
        for (const i of highest(of[label], i => p[i * classes + y] - p[i * classes + label], at(y))) wrong[i] = 1;
      }
    }
  }
  return wrong;
}

/**
 * How much likelier another class is than the label, each measured by its own threshold: max_{k ≠ j} (p_k − t_k) − (p_j − t_j).
 * A class of which the classifier is never sure is not held to the sureness of the others.
 */
export function adjustedMargin(p: Float64Array, row: number, label: number, thresholds: Float64Array): number {
  const classes = thresholds.length,
    adjusted = Float64Array.from(thresholds, (t, j) => p[row * classes + j] - (t === Infinity ? 1 : t));
  return adjusted[argmax(adjusted, 0, classes, label)] - adjusted[label];
}
