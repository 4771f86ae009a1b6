import type { KeysOf } from "../../tensor/options.js";
import type { Traced, ValueTree } from "../../tensor/tree.js";
import type { HostTree, Tree } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import type { InnerOptimizer } from "../optimizers/optimizer.js";
import type { Random } from "../random/index.js";
import type { ListedTasks } from "./listed.js";
import type { SampledTask } from "./sampled.js";

/**
 * An inner step size: one for all, one a step, or a function of θ and the step index (an int32 scalar, from 0) that returns a scalar or a tree like φ, of
 * numbers and of values that broadcast to φ's.
 */
export type Rate<TH> = number | readonly number[] | ((theta: Traced<TH>, step: Value) => ValueTree | Tree<Value | number>);

/**
 * An approximate bi-level problem: min_θ E_T[ L_out(θ, φ_r, T) ] with φ₀ = V(θ, T) and φ_j = Φ_j(θ, φ_{j−1}, T).
 * Write the properties in this order: TypeScript infers each from those above it.
 */
export interface ProblemSpec<TH, TK, Φ, S> {
  /** For messages and reports. */
  name?: string;
  /** θ₀: a tree of host arrays of any shapes, all floating point: `{ w: zeros(3, 2), rate: full(0.1) }` has leaves [3, 2] and []. */
  theta(random: Random): TH;
  /**
   * Draws a task T: a tree of host arrays. Structure, shapes and dtypes are the same in every draw, such as `{ x: [10, 3], y: [10] }`. Its
   * numbers are taken when it is returned: the same arrays may be filled anew for the next draw. Or `sampled(key => …)`: a program draws it
   * where it is used. Or `listed([…])`: a numbered list of them.
   */
  task: ((random: Random) => TK | Promise<TK>) | SampledTask<TK> | ListedTasks<TK>;
  /** φ₀ = V(θ, T): a tree of floating point values of any shapes, such as θ itself. Every inner step keeps its structure and shapes. */
  init(theta: Traced<TH>, task: Traced<TK>): Φ;
  /**
   * The inner loop of `steps` steps, in one of three forms.
   *
   * Gradient descent, φ_j = φ_{j−1} − α_j ∂_φ L_in(θ, φ_{j−1}, T): `loss` returns a scalar, shape []. Its last argument is the number of
   * the step, j − 1, as an int32 scalar, which chooses a minibatch or a mask. `rate` is α: a number, a list of r numbers, or a function
   * that returns a scalar or a tree of φ's structure whose leaves, numbers or values, broadcast to φ's: a scalar is one rate for an array.
   *
   * An optimizer on the same loss: `optimizer` is one of `optimizers`, such as `optimizers.adam({ rate: 0.01 })`, or a function of θ that returns
   * one, `theta => optimizers.sgd({ rate: np.exp(theta.logRate) })`.
   *
   * A step of your own: `state` returns what is kept beside φ at the start (a tree of any shapes, `{}` for nothing), and `step` returns
   * both after one step, with the structure, shapes and dtypes that they had.
   *
   * With `carry: true`, `solve` goes on from the φ and the optimizer's state that the last outer step left for the task, in place of V(θ, T):
   * another objective, see docs/your-own-problem.md#warm-starts.
   *
   * With `sweptClip: c`, gradients that sweep back over the steps hand on u_{j−1} = clip((∂Φ_j/∂φ)ᵀ u_j, −c, c) in place of (∂Φ_j/∂φ)ᵀ u_j, element
   * by element, for gradient descent clip(u_j − α_j ∂²_{φφ}L_in u_j, −c, c); of an optimizer's state or one of your own nothing is clipped. It keeps a
   * long way back from exploding, and is no gradient of M: exact means that of the clipped sweep, and UFOM has its mean. First-order gradients,
   * which sweep no u back, stay as they are.
   */
  inner:
    | {
        loss(theta: Traced<TH>, phi: NoInfer<Φ>, task: Traced<TK>, step: Value): Value;
        rate: Rate<TH>;
        steps: number;
        carry?: boolean;
        sweptClip?: number;
        optimizer?: undefined;
        state?: undefined;
        step?: undefined;
      }
    | {
        loss(theta: Traced<TH>, phi: NoInfer<Φ>, task: Traced<TK>, step: Value): Value;
        optimizer: InnerOptimizer | ((theta: Traced<TH>) => InnerOptimizer);
        steps: number;
        carry?: boolean;
        sweptClip?: number;
        rate?: undefined;
        state?: undefined;
        step?: undefined;
      }
    | {
        steps: number;
        carry?: boolean;
        sweptClip?: number;
        state(theta: Traced<TH>, phi: NoInfer<Φ>): S;
        step(
          theta: Traced<TH>,
          at: { phi: NoInfer<Φ>; state: NoInfer<S>; step: Value },
          task: Traced<TK>,
        ): { phi: NoInfer<Φ>; state: NoInfer<S> };
        loss?: undefined;
        rate?: undefined;
        optimizer?: undefined;
      };
  /** L_out(θ, φ_r, T): a scalar, shape []. */
  outer(theta: Traced<TH>, phi: NoInfer<Φ>, task: Traced<TK>): Value;
}

/** What a specification may have. */
export const specKeys: KeysOf<ProblemSpec<unknown, unknown, unknown, unknown>> = {
  name: true,
  theta: true,
  task: true,
  init: true,
  inner: true,
  outer: true,
};

/** What its `inner` may have, in one form or the other. */
export const innerKeys: KeysOf<ProblemSpec<unknown, unknown, unknown, unknown>["inner"]> = {
  loss: true,
  rate: true,
  optimizer: true,
  steps: true,
  carry: true,
  sweptClip: true,
  state: true,
  step: true,
};

/** A specification without its trees' types: what checking and tracing work with. */
export interface AnySpec {
  theta(random: Random): unknown;
  task: ((random: Random) => unknown) | SampledTask | ListedTasks;
  init(theta: never, task: never): unknown;
  inner: {
    readonly steps: number;
    readonly carry?: boolean;
    readonly sweptClip?: number;
    readonly optimizer?: InnerOptimizer | ((theta: never) => InnerOptimizer);
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
