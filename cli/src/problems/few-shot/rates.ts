import { np, tree, zeros } from "ufom";
import type { HostArray, HostTree, Value, ValueTree } from "ufom";

/** Which inner step sizes are learned: none, one for each array of φ, or one for each array and step. */
export type LearnRates = "none" | "array" | "step";

/**
 * Where learned step sizes begin: a tree like φ of zeros, the logarithms of what `rate` is multiplied by, or of lists of one a step.
 *
 * Meta-SGD (Z. Li, F. Zhou, F. Chen and H. Li, Meta-SGD: learning to learn quickly for few-shot learning, 2017) learns a step size for each weight, plainly,
 * and lets it become negative. Here there is one an array, and its logarithm is learned: it stays positive, and a step of the outer optimizer changes
 * it by a factor, whatever its size is.
 */
export function firstRates(phi: HostTree, steps: number | undefined): HostTree {
  if (isArray(phi)) return steps === undefined ? zeros() : zeros(steps);
  return Array.isArray(phi)
    ? phi.map(part => firstRates(part as HostTree, steps))
    : Object.fromEntries(Object.entries(phi).map(([key, part]) => [key, firstRates(part as HostTree, steps)]));
}

const isArray = (t: HostTree): t is HostArray => "dtype" in t && "data" in t && ArrayBuffer.isView(t.data);

/** Step sizes at a step, which counts from 0: rate·exp(ρ). Steps behind the last that has its own take that one's. */
export const ratesAt = (logarithms: ValueTree, rate: number, step: Value): ValueTree =>
  tree.map(rho => np.exp(rho.ndim === 0 ? rho : np.take(rho, np.minimum(step, rho.shape[0] - 1), 0)).mul(rate), logarithms);
