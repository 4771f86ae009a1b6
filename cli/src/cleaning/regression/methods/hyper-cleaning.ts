import { defineProblem, nn, np, solve, zeros } from "ufom";
import type { HostArray } from "ufom";
import { outerFor } from "../../../problems/hyper-cleaning/outer.js";
import { weightsOf } from "../../../problems/hyper-cleaning/detection.js";
import { dealFolds, positions } from "../../folds.js";
import { largestEigenvalue } from "../../methods/hyper-cleaning.js";
import type { RegressionFits } from "../fits.js";
import { ridge } from "../ridge.js";
import { huber } from "../robust.js";
import type { ValueMethod } from "./method.js";
import { residual } from "./residual.js";

/** Options of hyper-cleaning. */
export interface HyperCleaningOptions {
  readonly estimator: string;
  /** r, steps of the model that is trained with the weights: 50 of up to 20,000 rows, 20 of more, unless told. */
  readonly innerSteps?: number;
  /** 30 of up to 20,000 rows, 15 of more, unless told. */
  readonly outerSteps?: number;
}

/** Rows up to which all steps are taken. */
const few = 20_000;

/** λ of λ‖W‖² in the inner loss. */
const lambda = 1e-3;

interface Task {
  readonly [name: string]: HostArray | Readonly<Record<string, HostArray>>;
  readonly x: HostArray;
  readonly y: HostArray;
  readonly xValidation: HostArray;
  readonly yValidation: HostArray;
  /** The scale of right residuals. */
  readonly scale: HostArray;
  readonly start: { readonly w: HostArray; readonly b: HostArray };
}

/**
 * A bi-level problem whose inner loop trains a linear model by full-batch gradient descent, from a robust one, on
 *
 *     L_in(θ, φ) = 1/n Σ_i σ(θ_i) ½(x_i·w + b − y_i)² + λ‖w‖²
 *
 * and whose outer loss is the mean pseudo-Huber loss on rows that are known to be right, in scales of right residuals.
 */
const weighingProblem = (task: Task, { rate, steps }: { readonly rate: number; readonly steps: number }) =>
  defineProblem({
    name: "hyper-cleaning of numbers",
    theta: () => ({ logits: zeros(task.x.shape[0]) }),
    task: () => task,
    init: (_, { start }) => start,
    inner: {
      loss: (theta, { w, b }, { x, y }) =>
        nn
          .sigmoid(theta.logits)
          .mul(np.square(np.matmul(x, w).add(b).sub(y)))
          .mean()
          .mul(0.5)
          .add(np.square(w).sum().mul(lambda)),
      rate,
      steps,
    },
    outer: (_, { w, b }, { xValidation, yValidation, scale }) =>
      np.sqrt(np.square(np.matmul(xValidation, w).add(b).sub(yValidation).div(scale).div(huber)).add(1)).mean(),
  });

const hosted = (data: Float32Array, ...shape: number[]): HostArray => ({ shape, dtype: "float32", data });

/** Rows as arrays. */
function arrays(
  { data: { features, width, values } }: RegressionFits,
  rows: Int32Array,
): { readonly x: Float32Array; readonly y: Float32Array } {
  const x = new Float32Array(rows.length * width);
  rows.forEach((row, to) => x.set(features.subarray(row * width, (row + 1) * width), to * width));
  return { x, y: Float32Array.from(rows, row => values[row]) };
}

/** One logit for each row of `train`, such that a linear model trained with the weights σ does well on `validation`. */
async function learnLogits(
  fits: RegressionFits,
  train: Int32Array,
  validation: Int32Array,
  from: { readonly weights: Float64Array; readonly scale: number },
  options: HyperCleaningOptions,
  half: number,
): Promise<ArrayLike<number>> {
  const { data, context } = fits,
    { features, width, values } = data,
    { executor, seed, signal, progress } = context,
    n = train.length,
    { estimator, innerSteps = n <= few ? 50 : 20, outerSteps = n <= few ? 30 : 15 } = options,
    what = `weights by hypergradients, ${half + 1} of 2 (${estimator}, r = ${innerSteps})`,
    pick = (x: Float64Array): Float64Array => Float64Array.from(train, row => x[row]),
    start = ridge({ features, width, rows: train }, pick(values), pick(from.weights), 0.001),
    [own, held] = [arrays(fits, train), arrays(fits, validation)],
    task: Task = {
      x: hosted(own.x, n, width),
      y: hosted(own.y, n),
      xValidation: hosted(held.x, validation.length, width),
      yValidation: hosted(held.y, validation.length),
      scale: hosted(Float32Array.of(from.scale)),
      start: { w: hosted(Float32Array.from(start.w), width), b: hosted(Float32Array.of(start.b)) },
    },
    rate = 1 / largestEigenvalue({ features: own.x, labels: new Int32Array(n) }, width),
    problem = weighingProblem(task, { rate, steps: innerSteps }),
    run = solve(problem, { estimator, outer: outerFor(estimator, n), outerSteps, seed, executor, ...(signal ? { signal } : {}) });
  for await (const step of run) progress?.(what, step.index / outerSteps);
  signal?.throwIfAborted();
  return (await run.result()).theta.logits.data;
}

/**
 * Hyper-cleaning of numbers: one weight σ(θ_i) a row, learned by hypergradients such that a linear model trained with the weights does well on trusted rows; p_wrong is that
 * of models trained with the weights. A weight says how much a row helps: also a right row may not, so that no row is called wrong by its weight.
 *
 * Half of the trusted rows are the outer loss, and the other half is asked: with weights that were learned on a row, models would know it too well. Then the other way round. So that
 * both can be compared, a row of the file is asked of one of the two as well. Without trusted rows each half of the file is weighted by those of the other half that the residuals do
 * not call wrong, which is weaker.
 *
 * Source: Franceschi, Donini, Frasconi, Pontil, ICML 2017, where labels are classes.
 */
export const hyperCleaning: ValueMethod<HyperCleaningOptions> = {
  name: "hyper-cleaning",
  summary: "one weight a row, learned by hypergradients on trusted rows",
  async score(fits, options) {
    const { data, context } = fits,
      n = data.rows,
      m = data.values.length - n,
      { judged, cut } = await residual.score(fits, {}),
      { residual: r, scale } = judged.residuals,
      right = judged.z.map((z, i) => (i >= n || z < 0 ? 1 : 0)),
      typical = Math.sqrt(right.reduce((sum, u, i) => sum + u * r[i] ** 2, 0) / right.reduce((a, b) => a + b, 0)) || scale[0],
      from = { weights: right, scale: typical },
      rows = Int32Array.from({ length: n }, (_, i) => i),
      halves = dealFolds(new Int32Array(m > 0 ? m : n), 2, context.seed, "halves");
    /** What models say that are trained with weights, rows and trusted ones. */
    const predict = async (weights: Float64Array): Promise<Float64Array> => {
      const all = new Float64Array(n + m).fill(1);
      all.set(weights);
      return (await fits.refit(all, "models with the learned weights")).predicted;
    };
    if (m === 0) {
      const logits = new Float64Array(n);
      for (const half of [0, 1]) {
        const [own, others] = [positions(halves, h => h === half), positions(halves, h => h !== half)],
          sure = others.filter(i => cut!.wrong[i] === 0),
          theta = await learnLogits(fits, own, sure.length > 0 ? sure : others, from, options, half);
        own.forEach((row, at) => (logits[row] = theta[at]));
      }
      const weights = weightsOf(logits);
      return { judged: fits.judge(await predict(weights)), weights };
    }
    const logits = new Float64Array(n),
      mine = dealFolds(new Int32Array(n), 2, context.seed, "runs"),
      predicted = new Float64Array(n + m);
    for (const half of [0, 1]) {
      const others = positions(halves, h => h !== half).map(j => n + j),
        theta = Float64Array.from(await learnLogits(fits, rows, others, from, options, half)),
        said = await predict(weightsOf(theta));
      for (let i = 0; i < n; i++) {
        logits[i] += theta[i] / 2;
        if (mine[i] === half) predicted[i] = said[i];
      }
      halves.forEach((h, j) => h === half && (predicted[n + j] = said[n + j]));
    }
    return { judged: fits.judge(predicted), weights: weightsOf(logits) };
  },
};
