import type { Executor } from "../../executors/executor.js";
import type { FloatType, HostTree } from "../../tensor/types.js";
import type { Estimator } from "../estimators/estimator.js";
import type { OuterTransform } from "../outer/transform.js";
import type { Checkpoint } from "./checkpoint.js";
import type { SolveResult, SolveStep } from "./result.js";
import type { MakeTeam } from "./team.js";

/** Limits of a run, looked at between outer steps. */
export interface Budget {
  readonly seconds?: number;
  /** Inner steps, products and outer gradients, one each. */
  readonly evaluations?: number;
}

/** How a problem is solved. */
export interface SolveOptions<TH = HostTree> {
  /** An estimator, or its spelling: `ufom:adaptive`. */
  readonly estimator: Estimator | string;
  /** What turns gradients into updates: `adam(1e-3)`. */
  readonly outer: OuterTransform;
  readonly outerSteps: number;
  /** Tasks an outer step averages over; 1 if not given. */
  readonly metaBatch?: number;
  /** Of θ₀, the tasks and the draws; 1 if not given. */
  readonly seed?: number;
  /** `float32` if not given. */
  readonly dtype?: FloatType;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
  /** θ₀, if not the problem's own. */
  readonly theta?: TH;
  readonly budget?: Budget;
  /** Ends the run after so many outer steps in which `result.best` did not become better; its outcome is then `finished`. */
  readonly stopAfter?: number;
  readonly signal?: AbortSignal;
  /** A checkpoint of this problem and these options, to go on from. */
  readonly resume?: Checkpoint;
}

/** What `solve` needs from outside the core. */
export interface SolveContext {
  readonly executor: Executor;
  readonly team: MakeTeam;
}

/** A run: iterate it for its steps, or await its result. */
export interface Solve<TH = HostTree> extends AsyncIterable<SolveStep> {
  /** The current θ. */
  readonly theta: TH;
  /** The state between two steps, to be saved. @throws before the first step was asked for */
  checkpoint(): Checkpoint;
  /** Runs what is left and says how it ended; after a loop over the steps was left, that it was stopped. @throws what the run threw */
  result(): Promise<SolveResult<TH>>;
}
