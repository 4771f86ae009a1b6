import type { Job, UseMean } from "../batch/evaluate.js";
import type { Awaitable } from "../../executors/executor.js";
import type { HostArray } from "../../tensor/types.js";
import type { Continuation, RecordedBatch } from "../batch/recorded-batch.js";
import type { SharedBatch } from "../batch/shared-batch.js";
import type { Choice, Estimator } from "../estimators/estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import type { Pauses } from "../evaluation/pauses.js";

/** Who computes the tasks of a meta-batch. */
export interface Team {
  readonly name: string;
  /** How many compute tasks, and what is to be told of it, in sentences; known once the first batch was asked for. */
  readonly workers?: number;
  readonly notes?: readonly string[];
  /**
   * Computes the mean over jobs at a θ that lies in the executor's memory, and hands it over; it holds until `use` answers. There is at
   * least one job. Sums are taken in the order of the jobs, so numbers do not depend on who computed what.
   */
  mean<R>(theta: State, jobs: readonly Job[], use: UseMean<R>): Promise<R>;
  /** Where the tasks are computed in this executor: a routine of as many tasks that goes on with their mean, if it fits. */
  recording?(choices: readonly Choice[], continuation: Continuation): Awaitable<RecordedBatch | undefined>;
  /**
   * Where others compute tasks too: a batch of as many that goes on here with their mean; nothing where it is better computed here.
   * @param key of the program that draws tasks, if one does
   */
  shared?(choices: readonly Choice[], continuation: Continuation, key?: HostArray): Awaitable<SharedBatch | undefined>;
  dispose(): void;
}

/** Gathers a team for a run. `pauses` is where those that compute here let the event loop turn, and hear that the run is to end. */
export type MakeTeam = (compiled: CompiledProblem, estimator: Estimator, pauses?: Pauses) => Team;

export type { Job };
