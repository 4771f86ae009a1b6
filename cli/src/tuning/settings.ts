import type { Grouping } from "./groups.js";
import type { KnobName } from "./knobs.js";
import type { ModelName } from "./model.js";

/** Who looks for hyperparameters; all of them spend the work that the first one took. */
export const methodNames = ["hypergradient", "grid", "random", "halving", "random-each"] as const;
export type MethodName = (typeof methodNames)[number];
/** Those that look where nothing is said. */
export const usualMethods: readonly MethodName[] = ["hypergradient", "grid", "random", "halving"];

/** Settings of a tuning. */
export interface TuneSettings {
  readonly model: ModelName;
  /** Hidden units of the MLP. */
  readonly hidden: number;
  readonly groups: Grouping;
  readonly learn: readonly KnobName[];
  readonly methods: readonly MethodName[];
  readonly folds: number;
  /** Share of the rows that nothing is learned from but the final model. */
  readonly heldOut: number;
  /** Rows at most that hyperparameters are learned from; the model is trained on all of them. */
  readonly rows: number;
  readonly innerSteps: number;
  readonly outerSteps: number;
  readonly estimator: string;
  /** Whether every class counts alike in what is minimized and in scores. */
  readonly balanced: boolean;
  readonly seed: number;
  /** Seconds for all methods together. */
  readonly seconds?: number;
}
