import type { HostTree, TypedArray } from "../../tensor/types.js";
import { leaves } from "../trees/host-tree.js";
import { positive } from "./arguments.js";
import { elementwise, scaled, type Loop } from "./elementwise.js";
import type { OuterTransform } from "./transform.js";

/**
 * Clips every element: update = min(max(g, −c), c). NaN stays NaN.
 *
 * @example
 * const outer = chain(clipByValue(0.1), sgd(0.1));
 *
 * Source: optax.clip.
 *
 * @param limit c > 0
 * @throws if c is not positive and finite
 */
export function clipByValue(limit: number): OuterTransform<null> {
  positive("clipByValue", "limit", limit);
  const clip: Loop = (round, out, g) => {
    const [low, high] = [round(-limit), round(limit)];
    for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.max(g[i], low), high);
  };
  return {
    name: `clipByValue(${limit})`,
    init: () => null,
    update: (gradient, state) => ({
      updates: elementwise("clipByValue", clip, gradient),
      state,
    }),
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
export function clipByGlobalNorm(maxNorm: number): OuterTransform<null> {
  positive("clipByGlobalNorm", "norm", maxNorm);
  return {
    name: `clipByGlobalNorm(${maxNorm})`,
    init: () => null,
    update(gradient, state) {
      const norm = globalNorm(gradient);
      if (norm <= maxNorm) return { updates: gradient, state };
      const factor = maxNorm / norm;
      return { updates: scaled("clipByGlobalNorm", factor, gradient), state };
    },
  };
}

/** ‖t‖ over all leaves, in float64. */
function globalNorm(tree: HostTree): number {
  const arrays = leaves(tree).map(({ data }) => data);
  const norm = lengthOf(arrays, 1);
  if (norm > 0 && norm < Infinity) return norm;
  // Squares may have overflowed, or vanished: measure by the largest element.
  let largest = 0;
  for (const data of arrays) for (const x of data) largest = Math.max(largest, Math.abs(x));
  return largest === 0 ? 0 : largest * lengthOf(arrays, largest);
}

function lengthOf(arrays: readonly TypedArray[], unit: number): number {
  let sum = 0;
  for (const data of arrays) {
    for (let i = 0; i < data.length; i++) {
      const share = data[i] / unit;
      sum += share * share;
    }
  }
  return Math.sqrt(sum);
}
