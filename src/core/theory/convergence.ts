import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { scheduleValues } from "../outer/schedule-values.js";
import type { Schedule } from "../outer/transform.js";
import { checkNonNegative } from "./arguments.js";

/** Stochastic gradient descent on an objective with a Lipschitz gradient. */
export interface Descent {
  /** M(θ₀) − M*. */
  readonly gap: number;
  /** L, the Lipschitz constant of ∇M. */
  readonly smoothness: number;
  /** V_q² ≥ E‖G‖², at every θ. */
  readonly secondMoment: number;
  /** γ_k, k = 1, 2, …; a number means that it is constant. */
  readonly rate: number | Schedule;
  /** K, the number of outer steps. */
  readonly steps: number;
}

const descentKeys: KeysOf<Descent> = { gap: true, smoothness: true, secondMoment: true, rate: true, steps: true };

/**
 * How small an unbiased estimate makes the gradient at the best of K outer steps:
 *
 *     min_{k<K} E‖∇M(θ_k)‖² ≤ [M(θ₀) − M* + (L/2)·V_q²·Σγ_k²] / Σγ_k
 *
 * @example
 * convergenceBound({ gap: 1, smoothness: 2, secondMoment: 4, rate: 0.1, steps: 100 }); // 0.5
 *
 * Source: L. Bottou, F. E. Curtis and J. Nocedal, Optimization methods for large-scale machine learning, SIAM Review
 * 60(2), 2018, section 4.3; Likhosherstov et al., ICML 2021, for UFOM.
 *
 * @throws if a constant is negative or not finite, K is not a whole number ≥ 1, or no rate is positive
 */
export function convergenceBound(descent: Descent): number {
  const who = "convergenceBound",
    { gap, smoothness, secondMoment, rate, steps } = checkOptions(who, descent, descentKeys, "the constants");
  checkNonNegative(who, "gap", gap);
  checkNonNegative(who, "smoothness", smoothness);
  checkNonNegative(who, "second moment", secondMoment);
  if (!Number.isSafeInteger(steps) || steps < 1) fail(who, "wants a whole number of steps, at least 1", `${steps}`);
  const first = Array.from({ length: steps }, (_, i) => i + 1),
    rates =
      typeof rate === "number"
        ? first.map(() => rate)
        : scheduleValues(
            who,
            rate,
            first,
            first.map(k => (k - 1) / steps),
          );
  let [sum, squares] = [0, 0];
  for (const gamma of rates) {
    checkNonNegative(who, "rate", gamma);
    sum += gamma;
    squares += gamma * gamma;
  }
  if (sum === 0) fail(who, "wants a positive rate at some step", "none");
  return (gap + (smoothness / 2) * secondMoment * squares) / sum;
}
