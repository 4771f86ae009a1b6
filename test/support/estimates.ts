// Estimators evaluated at a point, all outcomes of a draw, and their mean.
import type { Estimate } from "../../src/core/batch/estimate.js";
import { estimate } from "../../src/core/batch/estimate.js";
import type { Choice, Estimator } from "../../src/core/estimators/estimator.js";
import { CompiledProblem } from "../../src/core/evaluation/compiled-problem.js";
import type { Problem } from "../../src/core/problem/problem.js";
import { stream } from "../../src/core/random/index.js";
import type { Executor } from "../../src/executors/executor.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import type { FloatType, HostTree } from "../../src/tensor/types.js";
import { numbersOf } from "./gradients.js";

export interface Point {
  readonly compiled: CompiledProblem;
  readonly theta: HostTree;
  readonly task: HostTree;
}

export interface PointOptions {
  readonly seed?: number;
  readonly dtype?: FloatType;
  readonly innerSteps?: number;
  readonly executor?: Executor;
}

/** θ₀ and the first task of a seed, and the problem compiled for them; float64 on the wasm executor unless told. */
export async function pointOf(
  problem: Problem,
  { seed = 1, dtype = "float64", innerSteps, executor = createWasmExecutor() }: PointOptions = {},
): Promise<Point> {
  const theta = problem.theta(seed),
    task = await problem.task(seed, 1, 0);
  return { compiled: new CompiledProblem(problem, { theta, task }, { executor, dtype, innerSteps }), theta, task };
}

/** All outcomes of the first draw; a drawn one where there are too many to list. @param steps r, for estimators that ask for it */
export function outcomesOf(estimator: Estimator, theta: HostTree, steps = 1): readonly Choice[] {
  const state = estimator.init(theta, steps);
  return estimator.outcomes?.(state) ?? [estimator.draw(state, stream(1, "draw"))];
}

/** The first outcome with the target, or without it. */
export const outcomeOf = (estimator: Estimator, theta: HostTree, exact = true, steps = 1): Choice =>
  outcomesOf(estimator, theta, steps).find(choice => choice.exact === exact)!;

/** The estimate of a choice; of the first outcome with the target unless told. */
export const estimateAt = ({ compiled, theta, task }: Point, estimator: Estimator, choice?: Choice): Promise<Estimate> =>
  estimate(compiled, estimator, theta, { task, choice: choice ?? outcomeOf(estimator, theta, true, compiled.steps) });

export const gradientAt = async (point: Point, estimator: Estimator, choice?: Choice): Promise<number[]> =>
  numbersOf((await estimateAt(point, estimator, choice)).gradient);

/** Sum of vectors with weights. */
export const weighted = (terms: readonly (readonly [weight: number, vector: readonly number[]])[]): number[] =>
  terms[0][1].map((_, k) => terms.reduce((sum, [weight, vector]) => sum + weight * vector[k], 0));

/** The mean of a draw, summed over its outcomes. */
export async function meanAt(point: Point, estimator: Estimator): Promise<number[]> {
  const terms: (readonly [number, number[]])[] = [];
  for (const choice of outcomesOf(estimator, point.theta, point.compiled.steps))
    terms.push([choice.probability, await gradientAt(point, estimator, choice)]);
  return weighted(terms);
}

/** Both outcomes of an estimator that draws one coin, and their mean. */
export async function outcomes(point: Point, estimator: Estimator): Promise<{ exact: number[]; cheap: number[]; mean: number[] }> {
  const [with_, without] = [true, false].map(
      isExact => outcomeOf(estimator, point.theta, isExact, point.compiled.steps) as Choice | undefined,
    ),
    exact = await gradientAt(point, estimator, with_),
    cheap = without ? await gradientAt(point, estimator, without) : exact;
  return { exact, cheap, mean: await meanAt(point, estimator) };
}
