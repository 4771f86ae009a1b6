import type { Awaitable } from "../../executors/executor.js";
import type { HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { Choice, LeafBuffers, Seen } from "../estimators/estimator.js";
import type { Buffer } from "../../executors/executor.js";
import type { State } from "../evaluation/machine.js";
import type { Pauses } from "../evaluation/pauses.js";

/** What the tasks of a meta-batch are computed from, by whoever computes them. */
export interface SharedGiven {
  /** θ, and the values of the continuation, in the executor's memory. */
  readonly theta: State;
  readonly inputs: State;
  /** None where a program draws them. */
  readonly tasks: readonly HostTree[];
  /** Outer steps done, which such a program asks for. */
  readonly stepsDone: number;
}

/** A mean over tasks that several computed; what lies in memory holds until the next. */
export interface SharedMean {
  readonly loss: Buffer;
  readonly gradient: LeafBuffers;
  readonly continued: State;
  readonly counts: Counts;
  readonly peakStates: number;
  /** Of each evaluation; nothing where nobody asks for it. */
  readonly seen: readonly Seen[];
  readonly work: readonly number[];
  readonly seconds: readonly number[];
}

/** A meta-batch whose tasks several compute, and what is done here with their mean. */
export interface SharedBatch {
  /** Whether its tasks are drawn where they are computed. */
  readonly drawsTasks: boolean;
  /** @throws what one of those who compute throws, or the reason of an abort */
  use<R>(given: SharedGiven, choices: readonly Choice[], pauses: Pauses, f: (mean: SharedMean) => Awaitable<R>): Promise<R>;
}
