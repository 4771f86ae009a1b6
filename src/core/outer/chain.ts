import { fail } from "../../tensor/error.js";
import type { ValueTree } from "../../tensor/tree.js";
import type { OuterTransform } from "./transform.js";
import { initOf, updateOf } from "./update.js";

/**
 * One transform after another: each gets the updates of the one before it as its gradient, and keeps a state of its own.
 *
 * @example
 * const outer = chain(clipByGlobalNorm(1), adam(1e-3));
 *
 * Source: `optax.chain`.
 *
 * @param transforms at least one
 * @throws if there is none
 */
export function chain(...transforms: readonly OuterTransform[]): OuterTransform<readonly ValueTree[]> {
  if (transforms.length === 0) fail("chain", "wants at least one transform", "none");
  return {
    name: `chain(${transforms.map(({ name }) => name).join(", ")})`,
    init: theta => transforms.map(transform => initOf(transform, theta)),
    update(gradient, states, theta, step, loss, share) {
      let updates = gradient;
      const state = transforms.map((transform, i) => {
        const next = updateOf(transform, updates, states[i], theta, step, loss, share);
        updates = next.updates;
        return next.state;
      });
      return { updates, state };
    },
  };
}
