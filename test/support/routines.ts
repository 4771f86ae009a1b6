import { createWasmExecutor } from "../../src/index.js";
import type { Estimator, HostTree, Problem } from "../../src/index.js";
import type { RoutineSequence, RoutineStep } from "../../src/executors/executor.js";
import { isLoop, isSequence } from "../../src/executors/executor.js";
import { batchAt } from "./batches.js";
import { countingExecutor } from "./counting-executor.js";
import { outcomesOf, type Point } from "./estimates.js";
import { bitsOf } from "./gradients.js";

/** How long steps are as they are written: those of loops' bodies and of sequences' kinds once. */
export const written = (steps: readonly (RoutineStep | RoutineSequence)[]): number =>
  steps.reduce((n, step) => n + 1 + (isSequence(step) ? written(step.kinds) : isLoop(step) ? written(step.body) : 0), 0);

/** An executor that makes every call by itself. */
export const singly = () => countingExecutor(createWasmExecutor());

/** Tasks, and the outcomes of an estimator in turn. */
export const jobsOf = async (problem: Problem, estimator: Estimator, theta: HostTree, n: number) => {
  const choices = outcomesOf(estimator, theta);
  return Promise.all(
    Array.from({ length: n }, async (_, i) => ({ task: await problem.task(1, 1, i), choice: choices[i % choices.length] })),
  );
};

/** The bits of a mean over jobs, and what it counts as. */
export const meanBits = async ({ compiled, theta }: Point, estimator: Estimator, jobs: Awaited<ReturnType<typeof jobsOf>>) => {
  const mean = await batchAt(compiled, estimator, theta, jobs);
  return [bitsOf(mean.gradient), mean.loss, mean.counts, mean.peakStates, mean.work];
};
