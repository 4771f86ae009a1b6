import type { HostTree } from "../../tensor/types.js";
import type { Kernels } from "../kernels.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import type { Sweep } from "../unroll.js";
import { unroll } from "../unroll.js";
import type { Choice, Estimate, Estimator } from "./estimator.js";

/** An estimator that draws nothing and makes one sweep: what UFOM takes as baseline or target. */
export interface SingleSweepEstimator extends Estimator<null> {
  readonly memory: MemoryStrategy;
  sweep(steps: number): Sweep;
  /** Work beyond the forward pass and the outer gradient, in inner steps. */
  work(kernels: Kernels): number;
}

const certain: Choice = { exact: true, probability: 1 };

/** Makes an estimator of one sweep. */
export function singleSweep(
  parts: Pick<SingleSweepEstimator, "name" | "memory" | "sweep" | "work"> & { refuse?(kernels: Kernels): void },
): SingleSweepEstimator {
  return {
    ...parts,
    check: kernels => parts.refuse?.(kernels),
    init: () => null,
    draw: () => certain,
    observe: () => null,
    async estimate(kernels: Kernels, theta: HostTree, task: HostTree): Promise<Estimate> {
      const {
        loss,
        gradients: [leaves],
        counts,
        peakStates,
        seconds,
      } = await unroll(kernels, theta, task, [parts.sweep(kernels.steps)], parts.memory);
      return {
        gradient: kernels.thetaTree(leaves),
        loss,
        counts,
        peakStates,
        choice: certain,
        work: { deterministic: baseWork(kernels) + parts.work(kernels), random: 0 },
        seconds: { deterministic: seconds.total, random: 0 },
      };
    },
  };
}

/** Work of the forward pass and the outer gradient, in inner steps. */
export const baseWork = (kernels: Kernels): number => kernels.steps + kernels.work("outer");
