import type { HostArray, HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { Arrays, Choice, Costs, Estimator, Seen } from "../estimators/estimator.js";
import type { MomentSample } from "../theory/moments.js";
import type { TailSample } from "../theory/tail.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import { Pauses } from "../evaluation/pauses.js";
import type { BatchBuffers } from "./batch-buffers.js";
import type { Job, UseMean } from "./evaluate.js";
import { evaluateBatch, readCarry, seenOf } from "./evaluate.js";
import { byLeaf, leavesOf } from "./mean.js";

/** One estimate of the hypergradient for one task, on the host. */
export interface Estimate {
  /** θ's tree. */
  readonly gradient: HostTree;
  /** L_out(θ, φ_r, T). */
  readonly loss: number;
  readonly counts: Counts;
  /** The most inner states held at once. */
  readonly peakStates: number;
  /** What was drawn. */
  readonly choice: Choice;
  /** What the estimator left for its `observe`: UFOM the `moments` of a draw with both gradients. */
  readonly carry: Arrays;
  /** Work in units of one inner step, from the programs' operation counts: the part every draw costs, and the exact part's extra. */
  readonly work: Costs;
  /** The same by the clock, in seconds, divided as the work is. */
  readonly seconds: Costs;
  /** The number of inner steps, r. */
  readonly steps: number;
  /** Of UFOM, in a draw with both gradients: ‖t − b‖², ‖t‖², ⟨t, b⟩ and ‖b‖². */
  readonly moments?: MomentSample;
  /** Of stepwise UFOM: the largest norms that were met. */
  readonly tail?: TailSample;
}

/** Estimates at a θ and a task, each of which keeps its place in memory to itself: any number may be asked for at once. */
export async function estimate(
  compiled: CompiledProblem,
  estimator: Estimator,
  theta: HostTree,
  job: Job,
  pauses = new Pauses(),
): Promise<Estimate> {
  const lease = compiled.theta.lease(theta);
  try {
    return await evaluateBatch(compiled, estimator, lease.state, [job], mean => readEstimate(compiled, estimator, job, mean), pauses);
  } finally {
    lease.release();
  }
}

/** The mean of estimates of the hypergradient over the tasks of a meta-batch, on the host. */
export interface BatchEstimate extends Pick<Estimate, "gradient" | "loss" | "counts" | "peakStates"> {
  /** What was drawn for each task, what its estimate left, and what it took. */
  readonly estimates: readonly Seen[];
}

/** Who takes the mean over jobs, as a team does. */
export type TakeMean = <R>(theta: State, jobs: readonly Job[], use: UseMean<R>, pauses: Pauses) => Promise<R>;

/** The mean over several tasks at a θ, as an outer step of `solve` takes it: summed in float64 in the order of the tasks. */
export async function estimateBatch(
  compiled: CompiledProblem,
  estimator: Estimator,
  theta: HostTree,
  jobs: readonly Job[],
  pauses = new Pauses(),
  take: TakeMean = (at, all, use) => evaluateBatch(compiled, estimator, at, all, use, pauses),
): Promise<BatchEstimate> {
  const lease = compiled.theta.lease(theta);
  try {
    return await take(
      lease.state,
      jobs,
      async mean => {
        const { gradient, counts, peakStates, work, seconds, carries } = mean,
          leaves = leavesOf([gradient]);
        // What lies in memory holds until the first wait, so all is asked for at once.
        const [[loss, ...means], ...carried] = await Promise.all([
          compiled.executor.readAll([mean.loss, ...leaves.map(leaf => gradient[leaf]!)]),
          ...carries.map(carry => readCarry(compiled, carry)),
        ]);
        const estimates = jobs.map(({ choice }, i) =>
          seenOf(compiled, estimator, choice, carried[i], { work: work[i], seconds: seconds[i] }),
        );
        return { gradient: compiled.thetaTree(byLeaf(leaves, means)), loss: loss.data[0], counts, peakStates, estimates };
      },
      pauses,
    );
  } finally {
    lease.release();
  }
}

/** An estimate read from an executor's memory, all of it at once. */
function readEstimate(compiled: CompiledProblem, estimator: Estimator, { choice }: Job, mean: BatchBuffers): Estimate | Promise<Estimate> {
  const { gradient, counts, peakStates, work, seconds } = mean,
    [carry] = mean.carries,
    leaves = leavesOf([gradient]),
    buffers = [mean.loss, ...leaves.map(leaf => gradient[leaf]!), ...Object.values(carry).flat()];
  const made = (arrays: readonly HostArray[]): Estimate => {
    let at = 1 + leaves.length;
    const carried = Object.fromEntries(Object.entries(carry).map(([name, state]) => [name, arrays.slice(at, (at += state.length))]));
    return {
      gradient: compiled.thetaTree(byLeaf(leaves, arrays.slice(1, 1 + leaves.length))),
      loss: arrays[0].data[0],
      counts,
      peakStates,
      ...seenOf(compiled, estimator, choice, carried, { work: work[0], seconds: seconds[0] }),
    };
  };
  const read = compiled.executor.readAll(buffers);
  return isPromise(read) ? read.then(made) : made(read);
}
