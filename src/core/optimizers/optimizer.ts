import { fail } from "../../tensor/error.js";
import type { ValueTree } from "../../tensor/tree.js";
import { describeTree } from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";

const brand = Symbol.for("ufom.inner optimizer");

/** What an optimizer of the inner loop is made of: functions in the tensor language, which are traced. */
export interface OptimizerParts<S extends ValueTree = ValueTree> {
  /** For messages. */
  readonly name: string;
  /** What is kept beside φ, at the start: floating point values of any shapes. */
  init(phi: ValueTree): S;
  /**
   * What is added to φ, and the next state.
   *
   * @param gradient ∂_φ L_in at φ_{k−1}, a tree like φ
   * @param state the last state, or that of `init`
   * @param phi φ_{k−1}
   * @param step k = 1, 2, … r, an int32 scalar
   */
  update(gradient: ValueTree, state: S, phi: ValueTree, step: Value): { readonly updates: ValueTree; readonly state: S };
}

/** An optimizer of the inner loop, for `inner: { loss, optimizer, steps }`. */
export interface InnerOptimizer<S extends ValueTree = ValueTree> extends OptimizerParts<S> {
  readonly [brand]: true;
}

/**
 * An inner optimizer of your own: φ_k = φ_{k−1} + updates, with (updates, s_k) = update(∂_φ L_in, s_{k−1}, φ_{k−1}, k) and s₀ = init(φ₀).
 * Its derivatives are taken, also where a gradient is zero: √v needs a guard there.
 *
 * @param parts the name and the two functions
 * @throws if one of them is missing
 *
 * @example
 * const signs = optimizers.define({
 *   name: "signs",
 *   init: () => [],
 *   update: (gradient, state) => ({ updates: tree.map(g => np.tanh(g).mul(-0.1), gradient), state }),
 * });
 * signs.name; // "signs"
 */
export function define<S extends ValueTree>(parts: OptimizerParts<S>): InnerOptimizer<S> {
  const given = parts as Partial<OptimizerParts<S>> | null | undefined;
  if (typeof given?.name !== "string" || typeof given.init !== "function" || typeof given.update !== "function")
    return fail("optimizers.define", "takes { name, init, update }", describeTree(parts));
  return { ...parts, [brand]: true };
}

/** Whether something is an inner optimizer; an outer transform, which has the same functions, is none. */
export const isInnerOptimizer = (x: unknown): x is InnerOptimizer => typeof x === "object" && x !== null && brand in x;
