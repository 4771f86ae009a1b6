import { fail } from "../../tensor/error.js";
import type { FloatType, HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { TransformState } from "../outer/transform.js";

/** What determines a run's numbers besides the problem and its state. */
export interface RunIdentity {
  readonly estimator: string;
  readonly outer: string;
  readonly metaBatch: number;
  readonly seed: number;
  readonly dtype: FloatType;
  readonly innerSteps: number;
}

/** A run between two outer steps: host arrays, numbers, lists and objects of them. */
export interface RunState {
  /** Outer steps done. */
  readonly index: number;
  readonly theta: HostTree;
  readonly outer: TransformState;
  readonly estimator: TransformState;
  readonly counts: Counts;
  readonly peakStates: number;
  readonly seconds: number;
  /** Mean outer loss of the last step; NaN before the first. */
  readonly loss: number;
}

/** A state and the run it belongs to. Going on from it gives the same numbers as never having stopped. */
export interface Checkpoint extends RunState {
  readonly version: 1;
  /** Hash of the problem's programs. */
  readonly problem: string;
  readonly run: RunIdentity;
}

/** Refuses a checkpoint that is not of this problem and run. @throws UfomError naming what differs */
export function checkCheckpoint(checkpoint: Checkpoint, problem: string, run: RunIdentity): void {
  const { version } = checkpoint as { version: unknown };
  if (version !== 1) fail("resume", "takes a checkpoint of version 1", `version ${String(version)}`);
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
