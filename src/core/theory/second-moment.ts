import { checkNonNegative, checkProbability } from "./arguments.js";

/**
 * The second moment of the unbiased first-order estimate:
 *
 *     E‖G‖² = V² + (1/q − 1)·D²
 *
 * The cross term vanishes, because E[ξ/q − 1] = 0.
 *
 * @example
 * secondMoment(5, 1, 0.25); // 8
 *
 * Source: Likhosherstov et al., Debiasing a First-order Heuristic for Approximate Bi-level Optimization, ICML 2021.
 *
 * @param v2 V² = E‖G_exact‖²
 * @param d2 D² = E‖G_exact − G_FO‖²
 * @param q the probability of the exact gradient, in (0, 1]
 * @throws if a moment is negative or not finite, or q is outside (0, 1]
 */
export function secondMoment(v2: number, d2: number, q: number): number {
  checkNonNegative("secondMoment", "V²", v2);
  checkNonNegative("secondMoment", "D²", d2);
  checkProbability("secondMoment", q);
  return v2 + (1 / q - 1) * d2;
}
