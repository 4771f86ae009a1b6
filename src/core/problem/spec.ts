import type { Traced, ValueTree } from "../../tensor/tree.js";
import type { HostTree } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import type { Random } from "../random/index.js";

/** An inner step size: one for all, one a step, or a function of θ and the step index (an int32 scalar, from 0) that returns a scalar or a tree like φ. */
export type Rate<TH> = number | readonly number[] | ((theta: Traced<TH>, step: Value) => ValueTree | number);

/**
 * An approximate bi-level problem: min_θ E_T[ L_out(θ, φ_r, T) ] with φ₀ = V(θ, T) and φ_j = Φ_j(θ, φ_{j−1}, T).
 * Write the properties in this order: TypeScript infers each from those above it.
 */
export interface ProblemSpec<TH, TK, Φ, S> {
  /** For messages and reports. */
  name?: string;
  /** θ₀: a tree of host arrays. */
  theta(random: Random): TH;
  /** One draw of the task T: a tree of host arrays, always of the same shapes. A tree that is returned again must hold the same numbers. */
  task(random: Random): TK | Promise<TK>;
  /** φ₀ = V(θ, T). */
  init(theta: Traced<TH>, task: Traced<TK>): Φ;
  /**
   * Gradient descent on `loss`, φ_j = φ_{j−1} − α_j ∂_φ L_in, where `step` is j − 1, an int32 scalar, for a minibatch or a mask a step; or a
   * `step` of your own with a state beside φ.
   */
  inner:
    | {
        loss(theta: Traced<TH>, phi: NoInfer<Φ>, task: Traced<TK>, step: Value): Value;
        rate: Rate<TH>;
        steps: number;
        state?: undefined;
        step?: undefined;
      }
    | {
        steps: number;
        state(theta: Traced<TH>, phi: NoInfer<Φ>): S;
        step(
          theta: Traced<TH>,
          at: { phi: NoInfer<Φ>; state: NoInfer<S>; step: Value },
          task: Traced<TK>,
        ): { phi: NoInfer<Φ>; state: NoInfer<S> };
        loss?: undefined;
        rate?: undefined;
      };
  /** L_out(θ, φ_r, T): a scalar. */
  outer(theta: Traced<TH>, phi: NoInfer<Φ>, task: Traced<TK>): Value;
}

/** A specification without its trees' types: what checking and tracing work with. */
export interface AnySpec {
  theta(random: Random): unknown;
  task(random: Random): unknown;
  init(theta: never, task: never): unknown;
  inner: {
    readonly steps: number;
    loss?(theta: never, phi: ValueTree, task: never, step: Value): unknown;
    readonly rate?: number | readonly number[] | ((theta: never, step: Value) => unknown);
    state?(theta: never, phi: ValueTree): unknown;
    step?(theta: never, at: { phi: ValueTree; state: ValueTree; step: Value }, task: never): unknown;
  };
  outer(theta: never, phi: ValueTree, task: never): unknown;
}

/** θ and a task whose shapes the programs of a problem have. */
export interface Example {
  readonly theta: HostTree;
  readonly task: HostTree;
}
