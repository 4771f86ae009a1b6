import { map } from "../../tensor/tree.js";
import { nonNegative } from "./arguments.js";
import type { NoState, OuterTransform } from "./transform.js";

/**
 * Adds a multiple of θ to the gradient, as the penalty (λ/2)·‖θ‖² does: update = g + λ·θ. Before `sgd` that is weight decay; before `adam` it is
 * not (`adamw`).
 *
 * @example
 * const outer = chain(addDecayedWeights(1e-4), sgd(0.1));
 *
 * Source: `optax.add_decayed_weights`.
 *
 * @param weightDecay λ ≥ 0
 * @throws if λ is negative or not finite
 */
export function addDecayedWeights(weightDecay: number): OuterTransform<NoState> {
  nonNegative("addDecayedWeights", "weight decay", weightDecay);
  return {
    name: `addDecayedWeights(${weightDecay})`,
    init: () => [],
    update: (gradient, state, theta) => ({ updates: map((g, t) => g.add(t.mul(weightDecay)), gradient, theta), state }),
  };
}
