import type { OptionValues } from "./option.js";

/** What one task costs in the evaluations that the authors of a protocol count, whatever a program really computes. */
export interface Charge {
  /** In every outer step. */
  readonly always: number;
  /** Besides, where the exact gradient is evaluated by chance: UFOM's target. */
  readonly exact: number;
}

/** A published protocol by name: all that it says of a run. What the command line says besides changes it. */
export interface Preset {
  /** `omniglot`, as given to `--preset`. */
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Whose protocol it is, and where it stands. */
  readonly source: string;
  /** The problem's options, for an estimator by its canonical spelling: a method may be trained on tasks of its own kind. */
  options(estimator: string): OptionValues;
  /** The outer transform for an estimator, whose schedules end with the budget (`sgd:linear:0.1..0@end`). */
  outer(estimator: string): string;
  /** r for an estimator: methods need not take as many steps. */
  innerSteps(estimator: string): number;
  readonly metaBatch: number;
  /** What `ufom compare` compares; `ufom run` takes the first of them, unless told. */
  readonly estimators: readonly string[];
  /** The total of charged evaluations that every method is given; `--budget-scale` multiplies it. */
  readonly total: number;
  /** What a task costs an estimator. */
  charge(estimator: string): Charge;
}
