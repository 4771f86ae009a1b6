import { full, np, tree } from "ufom";
import type { HostArray, HostTree, Value, ValueTree } from "ufom";

/** Which inner step sizes are learned: none, one for each array of φ, or one for each array and step. */
export type LearnRates = "none" | "array" | "step";

/**
 * The first logarithms of learned step sizes: a tree like φ of scalars, or of lists of one number a step.
 *
 * Meta-SGD (Z. Li, F. Zhou, F. Chen and H. Li, Meta-SGD: learning to learn quickly for few-shot learning, 2017) learns a step size for each weight, plainly,
 * and lets it become negative. Here there is one an array, and its logarithm is learned: it stays positive, and a step of the outer optimizer changes
 * it by a factor, whatever its size is.
 */
export function firstRates(phi: HostTree, rate: number, steps: number | undefined): HostTree {
  if (isArray(phi)) return full(Math.log(rate), ...(steps === undefined ? [] : [steps]));
  return Array.isArray(phi)
    ? phi.map(part => firstRates(part as HostTree, rate, steps))
    : Object.fromEntries(Object.entries(phi).map(([key, part]) => [key, firstRates(part as HostTree, rate, steps)]));
}

const isArray = (t: HostTree): t is HostArray => "dtype" in t && "data" in t && ArrayBuffer.isView(t.data);

/** Step sizes at a step, which counts from 0; steps behind the last that has its own take that one's. */
export const ratesAt = (logarithms: ValueTree, step: Value): ValueTree =>
  tree.map(rate => np.exp(rate.ndim === 0 ? rate : np.take(rate, np.minimum(step, rate.shape[0] - 1), 0)), logarithms);
