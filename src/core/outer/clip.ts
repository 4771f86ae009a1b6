import * as np from "../../tensor/np/index.js";
import { leaves, map } from "../../tensor/tree.js";
import { positive } from "./arguments.js";
import { measure } from "./norm.js";
import type { NoState, OuterTransform } from "./transform.js";

/**
 * Clips every element: update = min(max(g, −c), c). NaN stays NaN.
 *
 * @example
 * const outer = chain(clipByValue(0.1), sgd(0.1));
 *
 * Source: `optax.clip`.
 *
 * @param limit c > 0
 * @throws if c is not positive and finite
 */
export function clipByValue(limit: number): OuterTransform<NoState> {
  positive("clipByValue", "limit", limit);
  return {
    name: `clipByValue(${limit})`,
    init: () => [],
    update: (gradient, state) => ({ updates: map(g => np.clip(g, -limit, limit), gradient), state }),
  };
}

/**
 * Shortens a gradient that is longer than c, over all leaves together: update = g·min(1, c/‖g‖).
 *
 * @example
 * const outer = chain(clipByGlobalNorm(1), adam(1e-3));
 *
 * Source: R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent neural networks, ICML 2013,
 * algorithm 1.
 *
 * @param maxNorm c > 0
 * @throws if c is not positive and finite
 */
export function clipByGlobalNorm(maxNorm: number): OuterTransform<NoState> {
  positive("clipByGlobalNorm", "norm", maxNorm);
  return {
    name: `clipByGlobalNorm(${maxNorm})`,
    init: () => [],
    update(gradient, state) {
      const { norm } = measure(leaves(gradient));
      const factor = np.where(norm.lessEqual(maxNorm), 1, np.divide(maxNorm, norm));
      return { updates: map(g => g.mul(factor.astype(g.dtype)), gradient), state };
    },
  };
}
