import { stream } from "ufom/internal/core/random/index";
import { dealFolds, positions } from "../cleaning/folds.js";
import type { Encoding } from "../tables/encoding.js";
import type { Label } from "../tables/columns.js";

/** Rows as numbers. */
export interface TuningRows {
  readonly count: number;
  readonly width: number;
  readonly outputs: number;
  /** count × width. */
  readonly features: Float32Array;
  /** count × outputs: a 1 at the class, or the number with mean 0 and deviation 1. */
  readonly targets: Float32Array;
  /** The class of each row; zeros where a number is predicted. */
  readonly codes: Int32Array;
  /** What each row counts in a score, 1 on average. */
  readonly weights: Float64Array;
}

/** Labels as targets. @param balanced whether every class counts alike, however many rows it has */
export function targetsOf(
  label: Label,
  target: NonNullable<Encoding["target"]>,
  rows: Int32Array,
  balanced: boolean,
): Pick<TuningRows, "targets" | "codes" | "weights" | "outputs" | "count"> {
  const count = rows.length;
  if (label.kind === "number" || target.kind === "number") {
    const { mean, scale } = target as { readonly mean: number; readonly scale: number };
    const values = (label as { readonly values: Float64Array }).values;
    return {
      count,
      outputs: 1,
      targets: Float32Array.from(rows, row => (values[row] - mean) / scale),
      codes: new Int32Array(count),
      weights: new Float64Array(count).fill(1),
    };
  }
  const outputs = target.classes.length;
  const codes = Int32Array.from(rows, row => label.codes[row]);
  const targets = new Float32Array(count * outputs);
  const counts = new Int32Array(outputs);
  codes.forEach((code, i) => {
    targets[i * outputs + code] = 1;
    counts[code]++;
  });
  const present = counts.filter(n => n > 0).length;
  return { count, outputs, targets, codes, weights: Float64Array.from(codes, code => (balanced ? count / (present * counts[code]) : 1)) };
}

/** Some of the rows. */
export function pick(rows: TuningRows, chosen: Int32Array): TuningRows {
  const { width, outputs } = rows;
  const features = new Float32Array(chosen.length * width);
  const targets = new Float32Array(chosen.length * outputs);
  chosen.forEach((from, to) => {
    features.set(rows.features.subarray(from * width, (from + 1) * width), to * width);
    targets.set(rows.targets.subarray(from * outputs, (from + 1) * outputs), to * outputs);
  });
  return {
    ...{ count: chosen.length, width, outputs, features, targets },
    codes: chosen.map(row => rows.codes[row]),
    weights: Float64Array.from(chosen, row => rows.weights[row]),
  };
}

/** Rows that are held out, and those that are not: of each class the same share. */
export function splitOff(codes: Int32Array, share: number, seed: number): { readonly train: Int32Array; readonly heldOut: Int32Array } {
  const order = stream(seed, "tuning held out").permutation(codes.length);
  const byClass = [...order].sort((a, b) => codes[a] - codes[b]);
  const taken = new Set(byClass.filter((_, i) => Math.floor((i + 1) * share) > Math.floor(i * share)));
  const all = Int32Array.from(codes.keys());
  return { train: all.filter(i => !taken.has(i)), heldOut: all.filter(i => taken.has(i)) };
}

/** One part of a cross-validation: rows that are trained on, and those that are looked at. */
export interface Fold {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** Rows dealt into parts, class by class. */
export function foldsOf(codes: Int32Array, count: number, seed: number, purpose: string): Fold[] {
  const part = dealFolds(codes, count, seed, `tuning ${purpose}`);
  return Array.from({ length: count }, (_, k) => ({ train: positions(part, p => p !== k), validation: positions(part, p => p === k) }));
}
