import { descend, rateOf, showRate, type Rate } from "./rate.js";
import type { NoState, OuterTransform } from "./transform.js";

/**
 * Gradient descent: update = −γ_k·g.
 *
 * @example
 * const outer = sgd(powerDecay(10, 1)); // 10/k
 *
 * Source: H. Robbins and S. Monro, A stochastic approximation method, Annals of Mathematical Statistics 22(3), 1951.
 *
 * @param rate γ_k, a number or a schedule
 * @throws if a constant rate is negative or not finite
 */
export function sgd(rate: Rate): OuterTransform<NoState> {
  const gamma = rateOf("sgd", rate);
  return {
    name: `sgd(${showRate(rate)})`,
    init: () => [],
    update: (gradient, state, _theta, step, _loss, share) => ({ updates: descend(gamma(step, share), gradient), state }),
  };
}
