import { Trainer } from "./classifier.js";
import { clean } from "./clean.js";
import type { CrossFitted } from "./cross-fit.js";
import { plainEvidence } from "./cross-fit.js";
import { dealFolds, positions } from "./folds.js";
import type { CleaningContext, CleaningInput, LabelledRows, TrustedRows } from "./input.js";
import { countLabels, learnedLabels, leastOfAClass } from "./input.js";
import type { MethodOptions } from "./methods/index.js";
import { argmax } from "./numbers.js";

/** A share with its interval of 95 %. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How often a classifier is right on trusted rows that nothing was made with: trained on all labels, and without the suspects. */
export interface HeldOutAccuracy {
  readonly before: Share;
  readonly after: Share;
  /** After less before, row by row. */
  readonly gain: Share;
  /** Trusted rows that were held out, in turn. */
  readonly rows: number;
}

/** Parts into which the trusted rows are dealt; each is held out once. */
const parts = 2;

/** Wilson's interval of a share of n. */
export function wilson(hits: number, n: number): Share {
  const p = hits / n,
    z = 1.96,
    centre = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n),
    half = (z * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2))) / (1 + z ** 2 / n);
  return { value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** The mean of the differences of pairs, each −1, 0 or 1. Where none differs, one might have: that widens the interval. */
export function pairedGain(better: number, worse: number, n: number): Share {
  const value = (better - worse) / n,
    half = (1.96 * Math.sqrt(Math.max(better + worse - n * value ** 2, 1))) / n;
  return { value, low: Math.max(-1, value - half), high: Math.min(1, value + half) };
}

function some({ features, labels }: LabelledRows, rows: Int32Array, width: number): TrustedRows {
  const picked = { features: new Float32Array(rows.length * width), labels: Int32Array.from(rows, row => labels[row]) };
  rows.forEach((row, to) => picked.features.set(features.subarray(row * width, (row + 1) * width), to * width));
  return picked;
}

/** Whether each part of the trusted rows can clean: a class that is not there twice in each is why not. @returns that class */
export function tooFewToHoldOut({ rows, classes, trusted }: CleaningInput): number | undefined {
  const [there, known] = [countLabels(rows.labels, classes), countLabels(trusted!.labels, classes)],
    few = known.findIndex((count, y) => (there[y] > 0 || count > 0) && count < parts * leastOfAClass);
  return few < 0 ? undefined : few;
}

/**
 * Accuracy before and after cleaning, on trusted rows that nothing was made with: one half of them cleans and the other half is asked, and the other way
 * round. Before: a classifier of the given labels. After: the same without the suspects, and with the true classes that are known.
 *
 * @param base says which classifier it is, and how long it is trained
 */
export async function heldOutAccuracy(
  input: CleaningInput,
  context: CleaningContext,
  method: string,
  options: Partial<MethodOptions>,
  base: Pick<CrossFitted, "architecture" | "steps">,
): Promise<HeldOutAccuracy> {
  const { rows, width, classes } = input,
    trusted = input.trusted!,
    n = rows.labels.length,
    half = dealFolds(trusted.labels, parts, context.seed, "held-out trusted rows"),
    given = plainEvidence(rows.labels, classes),
    mended = plainEvidence(learnedLabels(rows), classes),
    trainer = new Trainer(base.architecture, { width, classes, rows: n }, context.executor);
  const predict = async (evidence: Float32Array, learned: Int32Array, asked: Int32Array): Promise<Uint8Array> => {
    const [weights] = await trainer.train({ features: rows.features, evidence, rows: learned }, [base.steps], context.seed, context.signal),
      logP = await trainer.predict(weights, trusted.features, asked);
    return Uint8Array.from(asked, (row, at) => Number(argmax(logP, at * classes, classes) === trusted.labels[row]));
  };
  const everyone = Int32Array.from({ length: trusted.labels.length }, (_, i) => i);
  context.progress?.("accuracy before", 0);
  const before = await predict(
      given,
      Int32Array.from({ length: n }, (_, i) => i),
      everyone,
    ),
    after = new Uint8Array(before.length);
  for (let part = 0; part < parts; part++) {
    const [own, held] = [positions(half, h => h !== part), positions(half, h => h === part)],
      progress = (what: string, share: number) => context.progress?.(`accuracy, ${part + 1} of ${parts}: ${what}`, share),
      found = await clean({ ...input, trusted: some(trusted, own, width) }, { ...context, progress }, method, options),
      kept = positions(Int32Array.from(found.suspect), suspect => suspect === 0),
      right = await predict(mended, kept, held);
    held.forEach((row, at) => (after[row] = right[at]));
  }
  const m = before.length,
    count = (is: (i: number) => boolean): number => everyone.reduce((total, i) => total + Number(is(i)), 0);
  return {
    before: wilson(
      count(i => before[i] === 1),
      m,
    ),
    after: wilson(
      count(i => after[i] === 1),
      m,
    ),
    gain: pairedGain(
      count(i => after[i] > before[i]),
      count(i => after[i] < before[i]),
      m,
    ),
    rows: m,
  };
}
