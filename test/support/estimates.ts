// Estimators evaluated at a point, both outcomes of a draw, and their mean.
import type { Choice, Estimate, Estimator } from "../../src/core/estimators/estimator.js";
import { Kernels } from "../../src/core/evaluation/compiled-problem.js";
import type { Problem } from "../../src/core/problem/problem.js";
import type { Executor } from "../../src/executors/executor.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import type { FloatType, HostTree } from "../../src/tensor/types.js";
import { numbersOf } from "./gradients.js";

export interface Point {
  readonly kernels: Kernels;
  readonly theta: HostTree;
  readonly task: HostTree;
}

export interface PointOptions {
  readonly seed?: number;
  readonly dtype?: FloatType;
  readonly innerSteps?: number;
  readonly executor?: Executor;
}

/** θ₀ and the first task of a seed, and kernels for them; float64 on the wasm executor unless told. */
export async function pointOf(
  problem: Problem,
  { seed = 1, dtype = "float64", innerSteps, executor = createWasmExecutor() }: PointOptions = {},
): Promise<Point> {
  const theta = problem.theta(seed),
    task = await problem.task(seed, 1, 0);
  return { kernels: new Kernels(problem, { theta, task }, { executor, dtype, innerSteps }), theta, task };
}

/** The outcome of a choice; the exact one with probability 1 unless told. */
export const estimateAt = (
  { kernels, theta, task }: Point,
  estimator: Estimator,
  choice: Choice = { exact: true, probability: 1 },
): Promise<Estimate> => estimator.estimate(kernels, theta, task, choice);

export const gradientAt = async (point: Point, estimator: Estimator, choice?: Choice): Promise<number[]> =>
  numbersOf((await estimateAt(point, estimator, choice)).gradient);

/** Both outcomes of a draw with probability q. */
export async function outcomes(
  point: Point,
  estimator: Estimator,
  q: number,
): Promise<{ exact: number[]; cheap: number[]; mean: number[] }> {
  const exact = await gradientAt(point, estimator, { exact: true, probability: q }),
    cheap = await gradientAt(point, estimator, { exact: false, probability: q });
  return { exact, cheap, mean: exact.map((x, i) => q * x + (1 - q) * cheap[i]) };
}
