import { confidentJoint } from "./confident-joint.js";
import type { ConfidentJoint } from "./confident-joint.js";
import { crossFit, noisyEvidence, plainEvidence } from "./cross-fit.js";
import type { CrossFitted } from "./cross-fit.js";
import { dealFolds, foldsFor } from "./folds.js";
import type { CleaningContext, CleaningInput, TrustedRows } from "./input.js";
import { countLabels, leastOfAClass } from "./input.js";
import { fitTransition, goldTransition, jointTransition } from "./transition.js";
import type { KnownPairs, Transition } from "./transition.js";

/** Out-of-sample log P(true class | x), and the noise model that goes with it. */
export interface NoiseModel {
  readonly fitted: CrossFitted;
  readonly transition: Transition;
}

/** What several methods need, made when it is first asked for. */
export interface Fits {
  readonly input: CleaningInput;
  /** The trusted rows, of length zero where there are none. */
  readonly trusted: TrustedRows;
  readonly context: CleaningContext;
  readonly folds: { readonly count: number; readonly rows: Int32Array; readonly trusted: Int32Array };
  /** Out-of-sample log P(given label | x): a classifier that takes given labels for true. */
  readonly base: () => Promise<CrossFitted>;
  /** Confident learning on the base classifier's probabilities, which are there too. */
  readonly confident: () => Promise<ConfidentJoint & { readonly p: Float64Array }>;
  readonly noise: () => Promise<NoiseModel>;
}

/** A noise model's classifier is trained so often, each time with the T of the last. */
const rounds = 2;

const none: TrustedRows = { features: new Float32Array(0), labels: new Int32Array(0) };

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** True and given labels of trusted rows that have both. */
export function knownPairs({ labels, given }: TrustedRows, classes: number): KnownPairs {
  const pairs = new Float64Array(classes * classes);
  given?.forEach((label, i) => label >= 0 && pairs[labels[i] * classes + label]++);
  return pairs;
}

/** Parts that every class can be dealt into twice: fewer than usual where a class is rare. */
function foldCount({ rows, classes, trusted }: CleaningInput): number {
  const present = [countLabels(rows.labels, classes), ...(trusted ? [countLabels(trusted.labels, classes)] : [])]
    .flatMap(counts => Array.from(counts))
    .filter(count => count > 0);
  return Math.max(leastOfAClass, Math.min(foldsFor(rows.labels.length), ...present));
}

/** Prepares the fits of an input that was checked. */
export function fitsOf(input: CleaningInput, context: CleaningContext): Fits {
  const { rows, width, classes, trusted = none } = input,
    count = foldCount(input),
    folds = {
      count,
      rows: dealFolds(rows.labels, count, context.seed, "rows"),
      trusted: dealFolds(trusted.labels, count, context.seed, "trusted rows"),
    },
    trustedPart = { features: trusted.features, evidence: plainEvidence(trusted.labels, classes), fold: folds.trusted };
  const fit = (evidence: Float32Array, train: boolean, what: string, kinds?: readonly CrossFitted["architecture"][]) =>
    crossFit(
      { width, classes, folds: count, rows: { features: rows.features, evidence, fold: folds.rows }, trusted: { ...trustedPart, train } },
      context,
      what,
      kinds,
    );
  const base = once(() => fit(plainEvidence(rows.labels, classes), false, "classifiers of the given labels"));
  const confident = once(async () => {
    const p = (await base()).rows.map(Math.exp);
    return { p, ...confidentJoint(p, rows.labels, classes) };
  });
  const noise = once(async () => {
    const given = await base(),
      known = knownPairs(trusted, classes);
    let start =
      trusted.labels.length > 0
        ? goldTransition(given.trusted, trusted.labels, classes)
        : jointTransition((await confident()).joint, classes);
    for (let round = 1; ; round++) {
      const fitted = await fit(
          noisyEvidence(rows.labels, start, classes),
          trusted.labels.length > 0,
          `classifiers of the true labels, ${round} of ${rounds}`,
          [given.architecture],
        ),
        transition = fitTransition(fitted.rows, rows.labels, classes, { start, known });
      if (round === rounds) return { fitted, transition };
      start = transition.matrix;
    }
  });
  return { input, trusted, context, folds, base, confident, noise };
}
