import * as np from "../../tensor/np/index.js";
import type { ValueTree } from "../../tensor/tree.js";
import { map, zerosLike } from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";
import { oneMinus } from "./hyperparameter.js";

/**
 * A moving average that began at zero, and the weight of what it has seen: the same average of ones, 1 − βᵏ after k steps. As a part of the state
 * the weight goes on where a loop goes on, it follows a β that changes, and its derivative with respect to β is finite for every β.
 */
export type Average = { readonly values: ValueTree; readonly weight: Value };

export const start = (phi: ValueTree): Average => ({ values: zerosLike(phi), weight: np.zeros([]) });

/** a ← β·a + (1 − β)·x. */
export function moved({ values, weight }: Average, x: ValueTree, beta: Value | number): Average {
  const rest = oneMinus(beta);
  return { values: map((a, b) => a.mul(beta).add(b.mul(rest)), values, x), weight: weight.mul(beta).add(rest) };
}

/** The average of what it has seen: a/(1 − βᵏ). */
export const averaged = ({ values, weight }: Average): ValueTree => map(a => a.div(weight), values);

/** √v of an average of squares, whose derivative at 0 counts as 0 where that of the root is infinite; NaN stays NaN. */
export function root(v: Value): Value {
  const none = v.lessEqual(0);
  return np.where(none, 0, np.sqrt(np.where(none, 1, v)));
}
