import type { Buffer } from "../../executors/executor.js";
import type { Counts } from "../counts.js";
import type { Choice, LeafBuffers } from "../estimators/estimator.js";
import type { State } from "../evaluation/machine.js";

/** What a run of a batch is given: θ, the tasks, and the values of its continuation. */
export interface Given {
  readonly theta: State;
  readonly tasks: readonly State[];
  readonly inputs?: State;
}

/** What a batch came to, in an executor's memory: it holds until the next run. */
export interface BatchBuffers {
  /** Mean outer loss; in float64 over several tasks. */
  readonly loss: Buffer;
  /** The mean gradient. */
  readonly gradient: LeafBuffers;
  /** What each evaluation left for `observe`. */
  readonly carries: readonly Readonly<Record<string, State>>[];
  /** Of all tasks together. */
  readonly counts: Counts;
  readonly peakStates: number;
  /** Operations of each evaluation, in units of an inner step's. */
  readonly work: readonly number[];
  /** Seconds of each evaluation. */
  readonly seconds: readonly number[];
}

/** What is told of evaluations when somebody asks. */
export interface Details {
  carries(found: readonly Buffer[], choices: readonly Choice[]): BatchBuffers["carries"];
  work(choices: readonly Choice[]): readonly number[];
  seconds(choices: readonly Choice[]): readonly number[];
}

/** A batch that was run. */
export class Ran implements BatchBuffers {
  constructor(
    readonly loss: Buffer,
    readonly gradient: LeafBuffers,
    readonly continued: State,
    readonly counts: Counts,
    readonly peakStates: number,
    private readonly found: readonly Buffer[],
    private readonly choices: readonly Choice[],
    private readonly details: Details,
  ) {}

  get carries() {
    return this.details.carries(this.found, this.choices);
  }

  get work() {
    return this.details.work(this.choices);
  }

  get seconds() {
    return this.details.seconds(this.choices);
  }
}
