import { fail } from "../../tensor/error.js";
import type { FloatType, HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { Data } from "../estimators/estimator.js";
import type { BestState } from "./best.js";

/** What determines a run's numbers besides the problem and its state. */
export interface RunIdentity {
  readonly estimator: string;
  readonly outer: string;
  readonly metaBatch: number;
  readonly seed: number;
  readonly dtype: FloatType;
  readonly innerSteps: number;
}

/** The version of checkpoints that this release writes and takes. In version 1 an outer state held numbers beside arrays. */
export const checkpointVersion = 2;

/** A run between two outer steps: host arrays, numbers, lists and objects of them. */
export interface RunState {
  /** Outer steps done. */
  readonly index: number;
  readonly theta: HostTree;
  /** The state of the outer transform; made when the run starts. */
  readonly outer: HostTree;
  readonly estimator: Data;
  readonly counts: Counts;
  readonly peakStates: number;
  readonly seconds: number;
  /** Mean outer loss of the last step; NaN before the first. */
  readonly loss: number;
  /** The best θ so far. */
  readonly best: BestState;
}

/** A state and the run it belongs to. Going on from it gives the same numbers as never having stopped. */
export interface Checkpoint extends RunState {
  readonly version: typeof checkpointVersion;
  /** Hash of the problem's programs. */
  readonly problem: string;
  readonly run: RunIdentity;
}

/** Refuses a checkpoint that is not of this problem and run. @throws UfomError naming what differs */
export function checkCheckpoint(checkpoint: Checkpoint, problem: string, run: RunIdentity): void {
  const { version } = checkpoint as { version: unknown };
  if (version !== checkpointVersion) fail("resume", `takes a checkpoint of version ${checkpointVersion}`, `version ${String(version)}`);
  const same = (key: keyof RunIdentity) => {
    if (checkpoint.run[key] !== run[key])
      fail("resume", `takes a checkpoint of a run with ${key} ${run[key]}`, `one with ${checkpoint.run[key]}`);
  };
  // Programs of another precision are others too, but that is not what should be said of them.
  same("dtype");
  if (checkpoint.problem !== problem) {
    fail(
      "resume",
      `takes a checkpoint of the same problem (${problem.slice(0, 12)})`,
      `one of another (${checkpoint.problem.slice(0, 12)})`,
    );
  }
  for (const key of Object.keys(run) as (keyof RunIdentity)[]) same(key);
}
