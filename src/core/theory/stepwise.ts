import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { checkNonNegative, checkProbability } from "./arguments.js";

/** What a draw of a coin a step costs, in any one unit. */
export interface StepwiseCosts {
  /** C_det: spent at every draw, r + 1 gradients. */
  readonly det: number;
  /** c_H: one product. */
  readonly product: number;
}

/** Second moments and costs that decide how often each step has its product. */
export interface StepwiseTradeOff extends StepwiseCosts {
  /** V² = E‖G_exact‖². */
  readonly v2: number;
  /** a_1² … a_r²: a_j² is the second moment of what step j's second derivatives add to G. */
  readonly a2: readonly number[];
  /** Below which a p_j must not fall: one number, or one a step, as a guard gives them; 0 if not given. Above 1 it counts as 1. */
  readonly least?: number | readonly number[];
}

const costKeys: KeysOf<StepwiseCosts> = { det: true, product: true },
  tradeOffKeys: KeysOf<StepwiseTradeOff> = { ...costKeys, v2: true, a2: true, least: true };

const sameLength = (who: string, a2: readonly number[], p: readonly number[]) => {
  if (a2.length !== p.length) fail(who, "wants a probability for each a_j²", `${a2.length} moments and ${p.length} probabilities`);
};

/**
 * The second moment of stepwise UFOM to first order in what is dropped:
 *
 *     E‖G‖² ≈ V² + Σ_j (1/p_j − 1)·a_j²
 *
 * What two coins do together is of second order; `stepwiseFactor` has all orders for quadratics.
 *
 * @example
 * stepwiseSecondMoment(5, [1, 0.5], [0.5, 0.25]); // 7.5
 *
 * Source: ours (docs/one-coin-a-step.md).
 *
 * @param v2 V² = E‖G_exact‖²
 * @param a2 a_1² … a_r²
 * @param p p_1 … p_r, each in (0, 1]
 * @throws if a moment is negative or not finite, a probability is outside (0, 1], or the lists differ in length
 */
export function stepwiseSecondMoment(v2: number, a2: readonly number[], p: readonly number[]): number {
  const who = "stepwiseSecondMoment";
  sameLength(who, a2, p);
  return a2.reduce(
    (sum, a, j) => sum + (1 / checkProbability(who, p[j]) - 1) * checkNonNegative(who, "a_j²", a),
    checkNonNegative(who, "V²", v2),
  );
}

/**
 * The expected cost of an estimate with a coin a step: C_det + c_H Σ p_j.
 *
 * @example
 * stepwiseCost({ det: 11, product: 2 }, [1, 0.5, 0.5]); // 15
 *
 * Source: ours (docs/one-coin-a-step.md).
 *
 * @param p p_1 … p_r, each in (0, 1]
 * @throws if a cost is negative or not finite, or a probability outside (0, 1]
 */
export function stepwiseCost(costs: StepwiseCosts, p: readonly number[]): number {
  const who = "stepwiseCost",
    { det, product } = checkOptions(who, costs, costKeys, "the costs");
  checkNonNegative(who, "C_det", det);
  checkNonNegative(who, "cost of a product", product);
  return p.reduce((sum, q) => sum + product * checkProbability(who, q), det);
}

/**
 * By how much one step of a coin changes the second moment of û along an eigenvector of A_j = α_j ∂²_{φφ}L_in with eigenvalue λ:
 *
 *     E(1 − (b/p)·λ)² = (1 − λ)² + (1/p − 1)·λ²
 *
 * Exact. Where all A_j share eigenvectors the second moment of û₀ is the product over the steps; above 1 it grows exponentially with them.
 *
 * @example
 * stepwiseFactor(0.5, 0.25); // 1
 *
 * Source: ours (docs/one-coin-a-step.md).
 *
 * @param lambda λ, an eigenvalue of α_j ∂²_{φφ}L_in
 * @param p the probability of the step, in (0, 1]
 * @throws if λ is not finite, or p outside (0, 1]
 */
export function stepwiseFactor(lambda: number, p: number): number {
  if (!Number.isFinite(lambda)) fail("stepwiseFactor", "wants a finite eigenvalue", `${lambda}`);
  return (1 - lambda) * (1 - lambda) + (1 / checkProbability("stepwiseFactor", p) - 1) * lambda * lambda;
}

/**
 * A bound on the second moment of û where a guard p_j ≥ κ·‖A_j‖ holds at each step, for symmetric A_j with no eigenvalue below −ν_j:
 *
 *     E‖û₀‖² ≤ Π_j (1 + (2 + 1/κ)·ν_j) ‖u_r‖²
 *
 * With convex inner losses, ν_j = 0, it never grows, however many coins there are.
 *
 * @example
 * stepwiseGuardBound(1, [0, 0.1, 0]); // 1.3
 *
 * Source: ours (docs/one-coin-a-step.md).
 *
 * @param kappa κ ≥ ½
 * @param negative ν_1 … ν_r, each at least 0: −ν_j is not above the least eigenvalue of A_j
 * @throws if κ is below ½, or a ν_j negative or not finite
 */
export function stepwiseGuardBound(kappa: number, negative: readonly number[]): number {
  if (!(kappa >= 0.5)) fail("stepwiseGuardBound", "wants a κ of at least ½, below which positive curvature expands too", `${kappa}`);
  return negative.reduce((bound, nu) => bound * (1 + (2 + 1 / kappa) * checkNonNegative("stepwiseGuardBound", "ν_j", nu)), 1);
}

/**
 * The probabilities at which an estimate costs least for a given accuracy: the minimiser of
 *
 *     (C_det + c_H Σ p_j)·(V² + Σ (1/p_j − 1)·a_j²)   over   l_j ≤ p_j ≤ 1
 *
 * It is p_j = min(1, max(l_j, s·a_j)) with one number s for all steps, s² = C/(c_H W), C the cost and W the second moment there. Between two values
 * of s at which a step comes to an end of its interval, s² is the ratio of two constants, so that the few candidates are compared.
 *
 * @example
 * optimalStepProbabilities({ v2: 1, a2: [1, 0.0625], det: 11, product: 4 }); // [1, 0.5]
 *
 * Source: ours (docs/one-coin-a-step.md).
 *
 * @param tradeOff V², a_j², C_det > 0, c_H, and `least`, which must be above 0 where a_j² is 0
 * @throws if one of them is out of range
 */
export function optimalStepProbabilities(tradeOff: StepwiseTradeOff): number[] {
  const { det, product, v2, a2, least } = check(tradeOff),
    // Only the ratios matter; without this, products of small moments vanish.
    unit = Math.max(v2, ...a2) || 1,
    [v, squares] = [v2 / unit, a2.map(x => x / unit)],
    a = squares.map(Math.sqrt);
  if (product === 0) return a.map(() => 1);
  const at = (s: number) => a.map((x, j) => Math.min(1, Math.max(least[j], s * x))),
    ends = new Set(a.flatMap((x, j) => (x > 0 ? [least[j] / x, 1 / x] : []))),
    sorted = [0, ...[...ends].filter(s => s > 0).sort((x, y) => x - y), Infinity];
  let best = a.map(() => 1);
  const timeOf = (p: readonly number[]) =>
    p.reduce((sum, q) => sum + product * q, det) * p.reduce((sum, q, j) => sum + (squares[j] && (1 / q - 1) * squares[j]), v);
  for (let k = 0; k + 1 < sorted.length; k++) {
    const [low, high] = [sorted[k], sorted[k + 1]],
      middle = high === Infinity ? 2 * low + 1 : (low + high) / 2;
    // Free steps cancel out of s² c_H W(s) = C(s) but for −Σ a_j²: see the page.
    let [moment, cost] = [v, det];
    for (const [j, x] of a.entries()) {
      if (middle * x >= 1 || least[j] >= 1) cost += product;
      else if (middle * x <= least[j]) {
        cost += product * least[j];
        moment += (1 / least[j] - 1) * squares[j];
      } else moment -= squares[j];
    }
    if (!(moment > 0)) continue;
    const p = at(Math.min(high, Math.max(low, Math.sqrt(cost / (product * moment)))));
    if (p.every(q => q > 0) && timeOf(p) < timeOf(best)) best = p;
  }
  return best;
}

function check(tradeOff: StepwiseTradeOff): Required<StepwiseTradeOff> & { readonly least: readonly number[] } {
  const who = "optimalStepProbabilities",
    { det, product, v2, a2, least = 0 } = checkOptions(who, tradeOff, tradeOffKeys, "the quantities"),
    each = typeof least === "number" ? a2.map(() => least) : least;
  checkNonNegative(who, "V²", v2);
  checkNonNegative(who, "cost of a product", product);
  if (!(det > 0 && Number.isFinite(det))) fail(who, "wants a positive C_det", `${det}`);
  if (each.length !== a2.length) fail(who, "wants a least probability for each a_j²", `${a2.length} moments and ${each.length} of these`);
  a2.forEach((x, j) => {
    checkNonNegative(who, "a_j²", x);
    if (!(each[j] >= 0)) fail(who, "wants least probabilities of at least 0", `${each[j]}`);
    if (x === 0 && each[j] === 0)
      fail(who, "wants a least probability above 0 for a step that adds nothing, as less is always better there", `a_${j + 1}² = 0`);
  });
  return { det, product, v2, a2, least: each.map(l => Math.min(1, l)) };
}
