// Batches of an estimator: read on the host, and their mean from single estimates.
import type { Job, UseMean } from "../../src/core/batch/evaluate.js";
import { evaluateBatch } from "../../src/core/batch/evaluate.js";
import type { Estimate } from "../../src/core/batch/estimate.js";
import { byLeaf, leavesOf } from "../../src/core/batch/mean.js";
import type { Counts } from "../../src/core/counts.js";
import type { Estimator, Seen } from "../../src/core/estimators/estimator.js";
import type { CompiledProblem } from "../../src/core/evaluation/compiled-problem.js";
import { averageTrees } from "./average.js";
import type { HostTree } from "../../src/tensor/types.js";

export interface HostMean {
  readonly loss: number;
  readonly gradient: HostTree;
  readonly counts: Counts;
  readonly peakStates: number;
  readonly work: readonly number[];
  readonly seen: readonly Seen[];
}

/** Reads a mean. */
export const readingMean =
  (compiled: CompiledProblem): UseMean<HostMean> =>
  async (mean, told) => {
    const leaves = leavesOf([mean.gradient]),
      read = compiled.executor.readAll([mean.loss, ...leaves.map(leaf => mean.gradient[leaf]!)]),
      seen = await told(),
      [loss, ...arrays] = await read;
    const { counts, peakStates, work } = mean;
    return { loss: loss.data[0], gradient: compiled.thetaTree(byLeaf(leaves, arrays)), counts, peakStates, work, seen };
  };

/** The mean of jobs at a θ. */
export async function batchAt(compiled: CompiledProblem, estimator: Estimator, theta: HostTree, jobs: readonly Job[]): Promise<HostMean> {
  const lease = compiled.theta.lease(theta);
  try {
    return await evaluateBatch(compiled, estimator, lease.state, jobs, readingMean(compiled));
  } finally {
    lease.release();
  }
}

/** The same from single estimates: sums in float64 in their order, on the host. */
export function meanOfEstimates(estimates: readonly Estimate[]): Omit<HostMean, "work" | "seen"> {
  const sum = (of: (e: Estimate) => number) => estimates.reduce((total, e) => total + of(e), 0);
  return {
    gradient: averageTrees(estimates.map(e => e.gradient)),
    loss: sum(e => e.loss) / estimates.length,
    counts: { step: sum(e => e.counts.step), product: sum(e => e.counts.product), outer: sum(e => e.counts.outer) },
    peakStates: Math.max(...estimates.map(e => e.peakStates)),
  };
}
