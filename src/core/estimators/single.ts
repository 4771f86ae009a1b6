import type { Kernels } from "../evaluation/compiled-problem.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import type { Sweep } from "../unroll/pass.js";
import { unroll, unrollMean, workOf } from "../unroll/unroll.js";
import type { Choice, Estimator } from "./estimator.js";

/** An estimator that draws nothing and makes one sweep: what UFOM takes as baseline or target. */
export interface SingleSweepEstimator extends Estimator<null> {
  readonly memory: MemoryStrategy;
  /** The sweep for a number of inner steps. */
  sweep(steps: number): Sweep;
}

/** What tells one estimator of one sweep from another. */
export interface SweepParts {
  readonly name: string;
  readonly memory: MemoryStrategy;
  sweep(steps: number): Sweep;
  /** @throws UfomError where the estimate makes no sense */
  refuse?(kernels: Kernels): void;
}

const certain: Choice = { exact: true, probability: 1 };

/** Makes an estimator of one sweep. */
export const singleSweep = ({ name, memory, sweep, refuse }: SweepParts): SingleSweepEstimator => ({
  name,
  memory,
  sweep,
  check: kernels => refuse?.(kernels),
  init: () => null,
  draw: () => certain,
  observe: () => null,
  mean: (kernels, theta, tasks) => unrollMean(kernels, theta, tasks, sweep(kernels.steps), memory),
  async estimate(kernels, theta, task) {
    const sweeps = [sweep(kernels.steps)],
      { gradients, seconds, loss, counts, peakStates } = await unroll(kernels, theta, task, sweeps, memory);
    return {
      loss,
      counts,
      peakStates,
      gradient: kernels.thetaTree(gradients[0]),
      choice: certain,
      work: { deterministic: workOf(kernels, sweeps, memory), random: 0 },
      seconds: { deterministic: seconds.total, random: 0 },
    };
  },
});
