import type { Executor } from "../../executors/executor.js";
import type { KeysOf } from "../../tensor/options.js";
import type { FloatType, HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { Estimator } from "../estimators/estimator.js";
import type { Pauses } from "../evaluation/pauses.js";
import type { OuterTransform } from "../outer/transform.js";
import type { Checkpoint, CheckpointJson } from "./checkpoint.js";
import type { SolveResult, SolveStep } from "./result.js";
import type { MakeTeam } from "./team.js";

/** Limits of a run, looked at between outer steps. */
export interface Budget {
  readonly seconds?: number;
  /** Inner steps, products and outer gradients, one each. */
  readonly evaluations?: number;
  /** Evaluations as somebody else counts them. */
  readonly charged?: ChargedBudget;
}

/**
 * A budget in units of a published protocol, whatever is really computed. An outer step of n tasks, of which m had the target evaluated
 * (`exactDraws`), is charged n·always + m·exact. The run ends where its sum is nearest to the total: before a step that would bring it farther away.
 */
export interface ChargedBudget {
  readonly total: number;
  /** Of each task; a whole number. */
  readonly always: number;
  /** Besides, of each task that had the target evaluated, as UFOM's coin says; a whole number, 0 unless told. */
  readonly exact?: number;
}

export const budgetKeys: KeysOf<Budget> = { seconds: true, evaluations: true, charged: true };
export const chargedKeys: KeysOf<ChargedBudget> = { total: true, always: true, exact: true };

/** How a problem is solved. */
export interface SolveOptions<TH = HostTree> {
  /** An estimator, or its spelling: `ufom:adaptive`; `auto` for the one that a short diagnosis recommends, which is looked at again where the run drifts. */
  readonly estimator: Estimator | string;
  /** What turns gradients into updates, or its spelling: `adam(1e-3)`, `"adam:1e-3"`. */
  readonly outer: OuterTransform | string;
  /** `Number.MAX_SAFE_INTEGER` where the budget alone is to end the run. */
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
  /**
   * How much of the run is done, which schedules that end with it ask for, is the largest share of what `outerSteps`, `evaluations` and `charged`
   * allow; of `seconds` only where nothing else limits the run, as the numbers then depend on the clock.
   */
  readonly budget?: Budget;
  /** Ends the run after so many outer steps in which `result.best` did not become better; its outcome is then `finished`. */
  readonly stopAfter?: number;
  /** Ends the run, also within an outer step, whose work is then dropped: the outcome is `stopped`, θ that of the step before. */
  readonly signal?: AbortSignal;
  /**
   * Threads that compute the tasks of a meta-batch: chosen from the cores and the work if not given, and told in `result.workers`. The numbers do
   * not depend on it.
   */
  readonly workers?: number;
  /**
   * Whether steps tell their `moments` also where the estimator learns nothing from them, as `ufom:0.1`; false if not given, since it takes one more
   * reading of memory a task. `ufom:adaptive` and `ufom:optimal` read them anyway.
   */
  readonly moments?: boolean;
  /** Told what `auto` measured and chose, a sentence or two at a time. */
  readonly progress?: (text: string) => void;
  /** A checkpoint of this problem and these options, to go on from; or what `JSON.stringify` wrote of one, parsed. */
  readonly resume?: Checkpoint | CheckpointJson;
}

/** All options of `solve`; where it runs is chosen outside of the core. */
export const solveKeys: KeysOf<SolveOptions & { executor?: unknown; native?: unknown }> = {
  estimator: true,
  outer: true,
  outerSteps: true,
  metaBatch: true,
  seed: true,
  dtype: true,
  innerSteps: true,
  theta: true,
  budget: true,
  stopAfter: true,
  signal: true,
  resume: true,
  workers: true,
  moments: true,
  progress: true,
  executor: true,
  native: true,
};

/** What `solve` needs from outside the core. */
export interface SolveContext {
  readonly executor: Executor;
  readonly team: MakeTeam;
  /** Where the event loop turns, if not by the clock. */
  readonly pauses?: Pauses;
  /** What was spent before the first step, and belongs to the run. */
  readonly spent?: { readonly counts: Counts; readonly seconds: number; readonly peakStates: number };
}

/** A run: iterate it for its steps, or await it, which is to await its `result()`. */
export interface Solve<TH = HostTree> extends AsyncIterable<SolveStep>, PromiseLike<SolveResult<TH>> {
  /** The current θ. */
  readonly theta: TH;
  /** The state between two steps, to be saved. @throws before the first step was asked for */
  checkpoint(): Checkpoint;
  /** Runs what is left and says how it ended; after a loop over the steps was left, that it was stopped. @throws what the run threw */
  result(): Promise<SolveResult<TH>>;
}
