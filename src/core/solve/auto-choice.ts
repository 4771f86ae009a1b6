import type { Counts } from "../counts.js";

/** An estimator that `auto` chose, and why. */
export interface AutoChoice {
  /** Outer steps done then. */
  readonly index: number;
  /** Its spelling. */
  readonly estimator: string;
  /** Why it was looked again, after the first time: what had drifted. */
  readonly drift?: string;
  /** What was measured. */
  readonly measured: string;
  /** Why this estimator. */
  readonly reason: string;
  /** What the diagnosis took; it is among the counts and seconds of the run. */
  readonly counts: Counts;
  readonly seconds: number;
}

/** What is kept of the draws since a diagnosis: averages with their weights. */
export interface DriftState {
  /** Steps since then, and those among them that had both gradients. */
  readonly steps: number;
  readonly draws: number;
  /** Of ‖G_target − G_baseline‖² and ‖G_target‖², over steps that had both. */
  readonly difference: number;
  readonly target: number;
  /** Of ‖G‖², over all steps. */
  readonly square: number;
  /** The last steps in a row with a probability near 1. */
  readonly near: number;
}

/** What a diagnosis says that steps will show. */
export interface Expected {
  /** The interval of D²/V², where the choice has a baseline. */
  readonly ratio?: readonly [low: number, high: number];
  /** Of V², and of the second moment of a step's mean over its tasks. */
  readonly v2: readonly [low: number, high: number];
  readonly square: readonly [low: number, high: number];
}

/** What `auto` keeps in a checkpoint. */
export interface AutoState {
  readonly choices: readonly AutoChoice[];
  /** Absent where too little is left for another diagnosis: nothing is then expected. */
  readonly expected?: Expected;
  readonly drift: DriftState;
  /** Evaluations of a task in the first diagnosis, of which no later one has less. */
  readonly each: number;
}
