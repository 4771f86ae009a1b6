import type { Job, UseMean } from "../batch/evaluate.js";
import type { Awaitable } from "../../executors/executor.js";
import type { Continuation, RecordedBatch } from "../batch/recorded-batch.js";
import type { Choice, Estimator } from "../estimators/estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import type { Pauses } from "../evaluation/pauses.js";

/** Who computes the tasks of a meta-batch. */
export interface Team {
  readonly name: string;
  /**
   * Computes the mean over jobs at a θ that lies in the executor's memory, and hands it over; it holds until `use` answers. There is at
   * least one job. Sums are taken in the order of the jobs, so numbers do not depend on who computed what.
   */
  mean<R>(theta: State, jobs: readonly Job[], use: UseMean<R>): Promise<R>;
  /** Where the tasks are computed in this executor: a routine of as many tasks that goes on with their mean, if it fits. */
  recording?(choices: readonly Choice[], continuation: Continuation): Awaitable<RecordedBatch | undefined>;
  dispose(): void;
}

/** Gathers a team for a run. `pauses` is where those that compute here let the event loop turn, and hear that the run is to end. */
export type MakeTeam = (compiled: CompiledProblem, estimator: Estimator, pauses?: Pauses) => Team;

export type { Job };
