import { fail } from "../../tensor/error.js";
import type { HostTree } from "../../tensor/types.js";
import type { OuterTransform, TransformState } from "./transform.js";

/**
 * One transform after another: each gets the updates of the one before it as its gradient, and keeps a state of its own.
 *
 * @example
 * const outer = chain(clipByGlobalNorm(1), adam(1e-3));
 *
 * Source: optax.chain.
 *
 * @param transforms at least one
 * @throws if there is none
 */
export function chain(...transforms: readonly OuterTransform[]): OuterTransform<readonly TransformState[]> {
  if (transforms.length === 0) fail("chain", "wants at least one transform", "none");
  return {
    name: `chain(${transforms.map(({ name }) => name).join(", ")})`,
    init: theta => transforms.map(transform => transform.init(theta)),
    update(gradient, states, theta, k) {
      if (states.length !== transforms.length) {
        fail("chain", `needs the states of its ${transforms.length} transforms`, `${states.length}`);
      }
      let updates: HostTree = gradient;
      const state = transforms.map((transform, i) => {
        const step = transform.update(updates, states[i], theta, k);
        updates = step.updates;
        return step.state;
      });
      return { updates, state };
    },
  };
}
