import type { Executor } from "../../executors/executor.js";
import type { HostTree } from "../../tensor/types.js";
import type { Estimator } from "../estimators/estimator.js";
import type { Pauses } from "../evaluation/pauses.js";
import type { OuterTransform } from "../outer/transform.js";
import type { Problem } from "../problem/problem.js";
import type { Checkpoint, RunIdentity } from "./checkpoint.js";
import type { Budget } from "./options.js";
import type { MakeTeam } from "./team.js";

/** What a run needs: options that were checked. */
export interface RunPlan {
  readonly problem: Problem;
  readonly estimator: Estimator;
  readonly outer: OuterTransform;
  readonly outerSteps: number;
  readonly budget: Budget;
  readonly stopAfter?: number;
  /** Whether moments are read for those who look at steps. */
  readonly moments?: boolean;
  /** Where the run lets the event loop turn, and hears that it is to end. */
  readonly pauses: Pauses;
  readonly resume?: Checkpoint;
  readonly identity: RunIdentity;
  /** A θ of the problem's own shapes. */
  readonly example: HostTree;
  readonly executor: Executor;
  readonly team: MakeTeam;
}
