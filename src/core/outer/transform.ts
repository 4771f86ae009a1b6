import type { ValueTree } from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";

/**
 * A rate that depends on the step alone: a function of values, k ↦ γ_k, with k = 1, 2, … as a float64 scalar. It is traced in float64,
 * whatever the precision of the run, so that a rate is exact for every k.
 */
export type StepSchedule = (step: Value) => Value | number;

/**
 * A rate that depends on the outer step and on how much of the run is done before it: (k, s) ↦ γ_k, with s from 0 to 1 as a float64 scalar too.
 * See `SolveOptions.budget` for what s is.
 */
export type Schedule = (step: Value, share: Value) => Value | number;

/** What `update` returns. */
export interface OuterUpdate<S extends ValueTree = ValueTree> {
  /** Added to θ: a tree like θ. */
  readonly updates: ValueTree;
  /** A tree like the state that was given. */
  readonly state: S;
}

/** The state of a transform that has none. */
export type NoState = readonly never[];

/**
 * A pair of functions that turns gradients into updates of θ, written in the language of problems: traced once, then run where θ is.
 *
 *     m₀ = init(θ₀),   (updates, m_k) = update(∇, m_{k−1}, θ_{k−1}, k, L, s),   θ_k = θ_{k−1} + updates
 *
 * Source: `optax.GradientTransformation`.
 */
export interface OuterTransform<S extends ValueTree = ValueTree> {
  /** As spelled in reports: `adam(0.5)`. It is part of a run's identity: what makes other numbers has another name. */
  readonly name: string;
  init(theta: ValueTree): S;
  /**
   * @param gradient a tree like θ
   * @param state the last state, or that of `init`
   * @param theta θ before the step
   * @param step k = 1, 2, …, an int32 scalar
   * @param loss the mean outer loss at θ, a float64 scalar
   * @param share how much of the run is done before the step, from 0 to 1, a float64 scalar
   */
  update(gradient: ValueTree, state: S, theta: ValueTree, step: Value, loss: Value, share: Value): OuterUpdate<S>;
}
