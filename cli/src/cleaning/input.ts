import type { Executor } from "ufom";
import { fail } from "ufom/internal/tensor/error";

/** Rows of numbers with a label each: `features` holds n × d standardized numbers, row by row, `labels` n classes from 0. */
export interface LabelledRows {
  readonly features: Float32Array;
  readonly labels: Int32Array;
}

/** Rows whose labels may be wrong, of some of which somebody has said the true class since. */
export interface LookedRows extends LabelledRows {
  /**
   * The true class of each row, −1 where nobody has looked. Rows may be looked at *because* they look suspect: what decides is seen of every row, so what
   * is fitted to all rows stays right (the truth of the others is missing at random; Rubin, Inference and missing data, Biometrika 1976). They are no sample
   * of the right rows, and nothing takes them for one.
   */
  readonly truth?: Int32Array;
}

/** Rows whose labels are known to be right. None of them is also among the rows to be cleaned. */
export interface TrustedRows extends LabelledRows {
  /**
   * The label that each had in the file before somebody looked, −1 where that is not known. Give it only for rows that were *not* chosen by how suspect
   * they looked: such rows say nothing about the others.
   */
  readonly given?: Int32Array;
}

/** What is to be cleaned. */
export interface CleaningInput {
  readonly rows: LookedRows;
  /** Numbers in a row. */
  readonly width: number;
  /** How many classes there are, 2 or more. */
  readonly classes: number;
  readonly trusted?: TrustedRows;
}

/** How it is done, and who is told. */
export interface CleaningContext {
  readonly seed: number;
  readonly executor: Executor;
  /** Told what is being done, and which part of it is done, in [0, 1]. */
  readonly progress?: (what: string, share: number) => void;
  /** Ends the work: the promise is then rejected with its reason. */
  readonly signal?: AbortSignal;
}

/** How many rows there are of each class. */
export function countLabels(labels: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  return counts;
}

/** The true class of a row, −1 where nobody has looked. */
export const truthOf = ({ truth }: LookedRows, row: number): number => truth?.[row] ?? -1;

/** What is trained on: the true class where it is known, else the given one. */
export const learnedLabels = (rows: LookedRows): Int32Array =>
  rows.labels.map((label, i) => (truthOf(rows, i) >= 0 ? truthOf(rows, i) : label));

function checkRows(who: string, { features, labels }: LabelledRows, width: number, classes: number): void {
  if (features.length !== labels.length * width) {
    fail(who, `must be ${labels.length} labels × ${width} numbers`, `${features.length} numbers`);
  }
  const odd = features.findIndex(x => !Number.isFinite(x));
  if (odd >= 0)
    fail(who, "must be finite numbers", `${features[odd]} in row ${Math.floor(odd / width)}, column ${odd % width}, both from 0`);
  const label = labels.findIndex(y => y < 0 || y >= classes);
  if (label >= 0) fail(who, `must have labels from 0 to ${classes - 1}`, `${labels[label]} in row ${label}, from 0`);
}

/** Every class that is there at all must be in two folds, or nothing can be said of it by a model that has not seen the row. */
export const leastOfAClass = 2;

/** @throws UfomError in one sentence if these are no rows that can be cleaned */
export function checkInput({ rows, width, classes, trusted }: CleaningInput): void {
  if (!Number.isSafeInteger(width) || width < 1) fail("clean", "needs at least one column of features", `${width}`);
  if (!Number.isSafeInteger(classes) || classes < 2) fail("clean", "needs at least two classes", `${classes}`);
  if (rows.labels.length === 0) fail("clean", "needs rows", "none");
  checkRows("clean's rows", rows, width, classes);
  const counts = countLabels(rows.labels, classes),
    present = counts.filter(count => count > 0).length;
  if (present < 2) fail("clean", "needs rows of at least two classes", `${rows.labels.length} rows of class ${rows.labels[0]}`);
  const once = counts.findIndex(count => count > 0 && count < leastOfAClass);
  if (once >= 0) fail("clean", `needs each label at least twice (remove such rows, or join the class with another)`, `class ${once} once`);
  const { truth } = rows;
  if (truth !== undefined && (truth.length !== rows.labels.length || truth.some(y => y < -1 || y >= classes)))
    fail("clean's true classes", `must be one for each row, from 0 to ${classes - 1}, or −1 where none is known`, `[${truth.join(", ")}]`);
  if (!trusted) return;
  checkRows("clean's trusted rows", trusted, width, classes);
  const known = countLabels(trusted.labels, classes),
    few = known.findIndex((count, y) => count < leastOfAClass && (counts[y] > 0 || count > 0));
  if (few >= 0)
    fail("clean's trusted rows", `must have each class of the file at least ${leastOfAClass} times`, `${known[few]} of class ${few}`);
  const { given } = trusted;
  if (given === undefined) return;
  if (given.length !== trusted.labels.length) {
    fail("clean's trusted rows", `must have as many given labels as true ones, ${trusted.labels.length}`, `${given.length}`);
  }
  const odd = given.findIndex(y => y < -1 || y >= classes);
  if (odd >= 0) fail("clean's trusted rows", `must have given labels from 0 to ${classes - 1}, or −1 where none is known`, `${given[odd]}`);
}
