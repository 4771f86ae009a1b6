import { confidentJoint } from "./confident-joint.js";
import type { ConfidentJoint } from "./confident-joint.js";
import { crossFit, meanLoss, noisyEvidence, plainEvidence } from "./cross-fit.js";
import type { CrossFitted } from "./cross-fit.js";
import { dealFolds, foldsFor } from "./folds.js";
import type { CleaningContext, CleaningInput, LookedRows, TrustedRows } from "./input.js";
import { countLabels, learnedLabels, leastOfAClass } from "./input.js";
import { fitNoise, fromMatrix, keepRates, noiseEvidence } from "./noise-model.js";
import type { Noise, NoisyRows } from "./noise-model.js";
import { fitTransition, goldTransition, jointTransition } from "./transition.js";

/** Out-of-sample log P(true class | x), and the noise model that goes with it. */
export interface NoiseFit {
  readonly fitted: CrossFitted;
  readonly noise: Noise;
  /** log P(ỹ_i | x_i, y) of the rows, n × c. */
  readonly evidence: Float32Array;
  /** The same of trusted rows with their true labels, m × c. */
  readonly trustedEvidence: Float32Array;
  /** How likely each trusted row would have kept its label in the file; 0 or 1 where its given label is known. */
  readonly kept: Float64Array;
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
  readonly noise: () => Promise<NoiseFit>;
}

/**
 * How often trusted rows may be trained on: once is right where the noise model is, and more where wrong labels mislead in a way that it does not know. What
 * explains held-out trusted rows best is taken.
 */
const tries = [1, 4];

/** A noise model's classifier is trained so often, each time with the T of the last. */
const rounds = 2;

const none: TrustedRows = { features: new Float32Array(0), labels: new Int32Array(0) };

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** Evidence by which a row is trained on: of a row whose true class is known, that. */
function withTruth(evidence: Float32Array, { truth }: LookedRows, classes: number): Float32Array {
  if (truth === undefined) return evidence;
  const known = plainEvidence(truth, classes);
  return evidence.map((e, at) => (truth[Math.floor(at / classes)] < 0 ? e : known[at]));
}

/** Rows, and behind them the trusted rows whose given label is known, of which the truth is no guess; nor is it of rows that somebody has looked at. */
export function noisyRows(
  logP: Float64Array,
  { labels: given, truth }: Pick<LookedRows, "labels" | "truth">,
  ofTrusted: Float64Array,
  trusted: TrustedRows,
  classes: number,
): NoisyRows {
  const pairs = Int32Array.from(trusted.labels.keys()).filter(i => (trusted.given?.[i] ?? -1) >= 0),
    n = given.length,
    logTruth = new Float64Array((n + pairs.length) * classes).fill(-Infinity),
    logLooks = logTruth.slice(),
    labels = new Int32Array(n + pairs.length);
  logTruth.set(logP);
  logLooks.set(logP);
  truth?.forEach((y, i) => {
    if (y >= 0) logTruth.fill(-Infinity, i * classes, (i + 1) * classes)[i * classes + y] = 0;
  });
  labels.set(given);
  pairs.forEach((i, at) => {
    logTruth[(n + at) * classes + trusted.labels[i]] = 0;
    logLooks.set(ofTrusted.subarray(i * classes, (i + 1) * classes), (n + at) * classes);
    labels[n + at] = trusted.given![i];
  });
  return { logTruth, logLooks, given: labels };
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
  const fit = (evidence: Float32Array, repeats: number, what: string, kinds?: readonly CrossFitted["architecture"][]) =>
    crossFit(
      { width, classes, folds: count, rows: { features: rows.features, evidence, fold: folds.rows }, trusted: { ...trustedPart, repeats } },
      context,
      what,
      kinds,
    );
  const base = once(() => fit(plainEvidence(learnedLabels(rows), classes), 0, "classifiers of the given labels"));
  const confident = once(async () => {
    const p = (await base()).rows.map(Math.exp);
    return { p, ...confidentJoint(p, rows.labels, classes) };
  });
  const noise = once(async () => {
    const given = await base(),
      { labels } = rows,
      start =
        trusted.labels.length > 0
          ? goldTransition(given.trusted, trusted.labels, classes)
          : jointTransition((await confident()).joint, classes);
    let evidence = noisyEvidence(labels, start, classes),
      before: Noise | undefined;
    const ofTrusted = (fitted: CrossFitted): number => meanLoss(fitted.trusted, trustedPart.evidence, classes),
      train = (repeats: number, what: string) =>
        fit(withTruth(evidence, rows, classes), repeats, `classifiers of the true labels, ${what}`, [given.architecture]);
    let [repeats] = tries;
    for (let round = 1; ; round++) {
      let fitted = await train(trusted.labels.length > 0 ? repeats : 0, `${round} of ${rounds}`);
      if (round === 1 && trusted.labels.length > 0) {
        for (const more of tries.slice(1)) {
          const other = await train(more, `trusted rows ${more} times`);
          if (ofTrusted(other) < ofTrusted(fitted)) [fitted, repeats] = [other, more];
        }
      }
      const from: Noise = before ?? fromMatrix(fitTransition(fitted.rows, labels, classes, start).matrix, fitted.rows),
        model = fitNoise(noisyRows(fitted.rows, rows, fitted.trusted, trusted, classes), from, { ofClass: round === rounds });
      evidence = noiseEvidence(model, fitted.rows, labels);
      if (round === rounds) {
        const kept = keepRates(model, fitted.trusted, trusted.labels).map((r, i) =>
          (trusted.given?.[i] ?? -1) >= 0 ? Number(trusted.given![i] === trusted.labels[i]) : r,
        );
        return { fitted, noise: model, evidence, trustedEvidence: noiseEvidence(model, fitted.trusted, trusted.labels), kept };
      }
      before = model;
    }
  });
  return { input, trusted, context, folds, base, confident, noise };
}
