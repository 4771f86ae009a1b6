import type { HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { TailSample } from "../theory/tail.js";
import type { AutoChoice } from "./auto-choice.js";

/** How a run ended: all steps done, its budget spent, told to stop, or a value that is no number. */
export type Outcome = "finished" | "budget" | "stopped" | "diverged";

/** The best θ of a run, by a criterion that is lowest there. */
export interface Best<TH = HostTree> {
  readonly theta: TH;
  /** Outer steps done when θ was this: 0 for θ₀. Of the last θ of a run no loss is known. */
  readonly index: number;
  /** In words: `outer loss` where all outer steps have the same tasks, `mean outer loss of the last 10 outer steps` where they differ. */
  readonly criterion: string;
  /** The criterion there; NaN before the first step. */
  readonly value: number;
}

/** What a run leaves, however it ended. */
export interface SolveResult<TH = HostTree> {
  readonly outcome: Outcome;
  /** The outcome in a sentence. */
  readonly message: string;
  /** The last θ whose step was finite. */
  readonly theta: TH;
  /** The θ at which the outer loss was lowest. */
  readonly best: Best<TH>;
  /** What should not pass unseen, in a sentence or two: that the loss ended far above its best, or was far above it on the way. */
  readonly warning?: string;
  /** Outer steps done. */
  readonly outerSteps: number;
  /** Mean outer loss of the last step; NaN before the first. */
  readonly loss: number;
  readonly counts: Counts;
  /** What was charged, where the budget says how. */
  readonly charged?: number;
  readonly peakStates: number;
  readonly seconds: number;
  /** Threads that computed tasks. */
  readonly workers: number;
  /** What was decided for you, in sentences: positions past the end of an axis that inner steps take; threads that compute. */
  readonly notes: readonly string[];
  /** Of a run by `auto`: the estimators that it chose, in order. */
  readonly auto?: readonly AutoChoice[];
}

/** Of an outer step with `ufom`: means over the tasks for which the coin had both gradients computed. */
export interface StepMoments {
  /** ‖G_target − G_baseline‖², of a scaled baseline ‖G_target − c G_baseline‖²: an unbiased sample of D², as the coin does not depend on it. */
  readonly difference: number;
  /** ‖G_target‖²: of V². */
  readonly target: number;
  /** ⟨G_target, G_baseline⟩/(‖G_target‖ ‖G_baseline‖), where one of them is zero 0. */
  readonly cosine: number;
  /** c of these draws, where the baseline is scaled: one number, or one for each leaf of θ. */
  readonly scale?: number | readonly number[];
}

/** One outer step. Counts, peak and seconds are those of the whole run so far. */
export interface SolveStep {
  /** From 1. */
  readonly index: number;
  /** Mean outer loss over the meta-batch, at the θ before the step. */
  readonly loss: number;
  /** Euclidean norm of the averaged estimate. */
  readonly gradientNorm: number;
  /** With which the target gradient was drawn; 1 for estimators that do not draw. */
  readonly probability: number;
  /** How many of the meta-batch's tasks had it. */
  readonly exactDraws: number;
  /**
   * How far the baseline was from the target; absent where no task had both, and for estimators that do not compare two. Of one whose probability does
   * not learn only where `moments` was asked for.
   */
  readonly moments?: StepMoments;
  /** Of an estimator that weighs single steps, `stepwise`: the farthest that a task's draw went. It is told where `moments` would be. */
  readonly tail?: TailSample;
  /** Of a run by `auto`, in the first step by an estimator: that it was chosen, and why. */
  readonly auto?: AutoChoice;
  readonly counts: Counts;
  /** What was charged, where the budget says how. */
  readonly charged?: number;
  readonly peakStates: number;
  readonly seconds: number;
}
