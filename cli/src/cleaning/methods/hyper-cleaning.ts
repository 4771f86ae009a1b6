import { diagnose, solve } from "ufom";
import type { HostArray, HostTree, Problem } from "ufom";
import { dealFolds, positions } from "../folds.js";
import type { Fits } from "../fits.js";
import type { CleaningContext, LabelledRows } from "../input.js";
import { argmax, sum } from "../numbers.js";
import { weightsOf } from "../../problems/hyper-cleaning/detection.js";
import { outerFor } from "../../problems/hyper-cleaning/outer.js";
import { cleaningProblem } from "../../problems/hyper-cleaning/problem.js";
import type { Method } from "./method.js";
import { trainingLength } from "./training-length.js";
import type { TrainingLength } from "./training-length.js";

/** Options of hyper-cleaning. */
export interface HyperCleaningOptions {
  /** An estimator; `auto` is what a short diagnosis of the problem recommends, with r where its hypergradient no longer turns. */
  readonly estimator: string;
  /** r, steps of the classifier that is trained with the weights: unless told, or diagnosed, 50 of up to 20,000 rows and 20 of more. */
  readonly innerSteps?: number;
  /** 30 of up to 20,000 rows, 15 of more, unless told. */
  readonly outerSteps?: number;
}

/** Rows up to which all steps are taken. */
const few = 20_000;

/** λ of λ‖W‖² in the inner loss. */
const lambda = 1e-3;

/** Some rows of one kind, some of another. */
function gather(parts: readonly (readonly [LabelledRows, Int32Array])[], width: number): LabelledRows {
  const n = sum(parts.map(([, rows]) => rows.length)),
    all = { features: new Float32Array(n * width), labels: new Int32Array(n) };
  let to = 0;
  for (const [{ features, labels }, rows] of parts) {
    for (const from of rows) {
      all.features.set(features.subarray(from * width, (from + 1) * width), to * width);
      all.labels[to++] = labels[from];
    }
  }
  return all;
}

/** The largest eigenvalue of XᵀX/n with a column of ones beside X, by power iteration: what bounds the curvature of the inner loss. */
export function largestEigenvalue({ features, labels }: LabelledRows, width: number): number {
  const n = labels.length;
  let v = new Float64Array(width + 1).fill(1 / Math.sqrt(width + 1)),
    size = 1;
  for (let round = 0; round < 12; round++) {
    const next = new Float64Array(width + 1);
    for (let i = 0; i < n; i++) {
      let along = v[width];
      for (let k = 0; k < width; k++) along += features[i * width + k] * v[k];
      for (let k = 0; k < width; k++) next[k] += (along * features[i * width + k]) / n;
      next[width] += along / n;
    }
    size = Math.sqrt(sum(next.map(x => x * x)));
    v = next.map(x => x / size);
  }
  return size;
}

const hosted = (data: Float32Array, ...shape: number[]): HostArray => ({ shape, dtype: "float32", data });

function oneHot(labels: Int32Array, classes: number): HostArray {
  const data = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => (data[i * classes + label] = 1));
  return hosted(data, labels.length, classes);
}

/** What was learned, and with what. */
interface Learned {
  readonly logits: ArrayLike<number>;
  readonly estimator: string;
  readonly length: TrainingLength | { readonly steps: number; readonly cosine?: undefined };
}

/** What a diagnosis along a few outer steps recommends. The clock takes no part, so that it says the same everywhere. */
async function recommended<TH extends HostTree>(
  problem: Problem<TH>,
  innerSteps: number,
  outer: string,
  { executor, seed, signal }: CleaningContext,
): Promise<string> {
  const looks = { outer, outerSteps: 8, points: 4, loopSteps: 0, metasmoothness: false, clock: false };
  return (await diagnose(problem, { ...looks, innerSteps, executor, seed, ...(signal ? { signal } : {}) })).recommended;
}

/** One logit for each row of `train`, such that a classifier trained with the weights σ does well on `validation`. */
async function learnLogits(
  { input: { width, classes }, context }: Fits,
  train: LabelledRows,
  validation: LabelledRows,
  options: HyperCleaningOptions,
  half: number,
): Promise<Learned> {
  const n = train.labels.length,
    { estimator: given, outerSteps = n <= few ? 30 : 15 } = options,
    usual = n <= few ? 50 : 20,
    { executor, seed, signal, progress } = context,
    task = {
      x: hosted(train.features, n, width),
      y: oneHot(train.labels, classes),
      xValidation: hosted(validation.features, validation.labels.length, width),
      yValidation: oneHot(validation.labels, classes),
    },
    // Where all classes are as likely, the curvature of cross entropy is 1/c of the features'; with many classes some pairs are soon less even.
    rate = Math.min(classes, 10) / largestEigenvalue(train, width),
    problem = cleaningProblem(task, { lambda, rate, steps: options.innerSteps ?? usual }),
    asks = given === "auto" && options.innerSteps === undefined && n <= few;
  progress?.(`how long to train, ${half + 1} of 2`, 0);
  const length = asks ? await trainingLength(problem, executor, seed, signal) : { steps: options.innerSteps ?? usual },
    estimator = given === "auto" ? await recommended(problem, length.steps, outerFor("exact", n), context) : given,
    what = `weights by hypergradients, ${half + 1} of 2 (${estimator}, r = ${length.steps})`,
    innerSteps = length.steps,
    run = solve(problem, {
      estimator,
      outer: outerFor(estimator, n),
      outerSteps,
      innerSteps,
      seed,
      executor,
      ...(signal ? { signal } : {}),
    });
  for await (const step of run) progress?.(what, step.index / outerSteps);
  signal?.throwIfAborted();
  return { logits: (await run.result()).theta.logits.data, estimator, length };
}

/** What a run was made with, in a sentence. */
function toldOf(learned: readonly Learned[]): string {
  const estimators = [...new Set(learned.map(({ estimator }) => estimator))].join(" and "),
    { steps, cosine } = learned[0].length,
    why = cosine === undefined ? "" : `, where the hypergradient of twice as many has a cosine of ${cosine.toFixed(2)} with its own`;
  return `Weights are learned by ${estimators} through r = ${steps} inner steps${why}.`;
}

/**
 * Hyper-cleaning: one weight σ(θ_i) a row, learned by hypergradients such that a linear classifier trained with the weights does well on trusted rows;
 * the score is −θ_i.
 *
 * Half of the trusted rows stand among the rows that get a weight, with their true labels, and the other half is the outer loss; then the other way
 * round. So a trusted row's weight is learned as if it were a right row of the file. Without trusted rows each half of the file is weighted by those of the
 * other half that confident learning is sure of, which is weaker: what both halves have wrong in common is not found.
 *
 * Source: Franceschi, Donini, Frasconi, Pontil, ICML 2017.
 */
export const hyperCleaning: Method<HyperCleaningOptions> = {
  name: "hyper-cleaning",
  summary: "one weight a row, learned by hypergradients on trusted rows",
  async score(fits, options) {
    const {
        input: { rows, width, classes },
        trusted,
        context: { seed },
      } = fits,
      n = rows.labels.length,
      m = trusted.labels.length,
      logits = new Float64Array(n),
      // A trusted row has the score of one run. So has every other row, or its score would waver less and they could not be compared.
      mine = dealFolds(rows.labels, 2, seed, "runs"),
      scores = new Float64Array(n),
      ofTrusted = new Float64Array(m),
      fitted = await fits.base(),
      all = Int32Array.from({ length: n }, (_, i) => i),
      halves = dealFolds(m > 0 ? trusted.labels : rows.labels, 2, seed, "halves"),
      confident = m > 0 ? undefined : (await fits.confident()).confident,
      learned: Learned[] = [];
    // The second half is trained as the first one was found to need.
    const asFirst = (): HyperCleaningOptions =>
      learned[0] ? { ...options, estimator: learned[0].estimator, innerSteps: learned[0].length.steps } : options;
    for (const half of [0, 1]) {
      const [own, others] = [positions(halves, h => h === half), positions(halves, h => h !== half)];
      if (m > 0) {
        const found = await learnLogits(
          fits,
          gather(
            [
              [rows, all],
              [trusted, own],
            ],
            width,
          ),
          gather([[trusted, others]], width),
          asFirst(),
          half,
        );
        learned.push(found);
        const theta = found.logits;
        for (let i = 0; i < n; i++) {
          logits[i] += theta[i] / 2;
          if (mine[i] === half) scores[i] = -theta[i];
        }
        own.forEach((i, at) => (ofTrusted[i] = -theta[n + at]));
      } else {
        const sure = others.filter(i => confident![i] === rows.labels[i]),
          // Of a file in which nothing is sure, all of the other half has to do.
          found = await learnLogits(
            fits,
            gather([[rows, own]], width),
            gather([[rows, sure.length > 0 ? sure : others]], width),
            asFirst(),
            half,
          ),
          theta = found.logits;
        learned.push(found);
        own.forEach((i, at) => (scores[i] = -(logits[i] = theta[at])));
      }
    }
    return {
      rows: scores,
      order: logits.map(theta => -theta),
      trusted: ofTrusted,
      other: rows.labels.map((label, i) => argmax(fitted.rows, i * classes, classes, label)),
      weights: weightsOf(logits),
      told: toldOf(learned),
      cut: { wrong: Uint8Array.from(logits, theta => Number(theta < 0)), rule: "the learned weight is below ½" },
    };
  },
};
