import { halfCosine, power as raised } from "../elementary.js";
import { nonNegative, wholeSteps } from "./arguments.js";
import type { Schedule } from "./transform.js";

/** A schedule whose function name is what reports show. */
const named = (name: string, schedule: Schedule): Schedule => Object.defineProperty(schedule, "name", { value: name });

/**
 * The same rate at every step: γ_k = γ.
 *
 * @param rate γ ≥ 0
 * @throws if γ is negative or not finite
 */
export function constant(rate: number): Schedule {
  nonNegative("constant", "rate", rate);
  return named(`${rate}`, () => rate);
}

/**
 * A power of the step: γ_k = γ·k^{−p}. For ½ < p ≤ 1 the sum diverges and the sum of squares does not, as stochastic
 * gradient descent needs to converge.
 *
 * Source: H. Robbins and S. Monro, A stochastic approximation method, Annals of Mathematical Statistics 22(3), 1951.
 *
 * @param rate γ ≥ 0, the rate of the first step
 * @param power p ≥ 0
 * @throws if an argument is negative or not finite
 */
export function powerDecay(rate: number, power: number): Schedule {
  nonNegative("powerDecay", "rate", rate);
  nonNegative("powerDecay", "power", power);
  if (power === 1) return named(`${rate}/k`, k => rate / k);
  if (power === 0.5) return named(`${rate}/k^0.5`, k => rate / Math.sqrt(k));
  return named(`${rate}/k^${power}`, k => rate / raised(k, power));
}

/**
 * From one rate to another on a line, then the second: γ_k = a + (b − a)·min(k − 1, n)/n.
 *
 * Source: optax.linear_schedule, whose count is k − 1.
 *
 * @param from a ≥ 0, the rate of the first step
 * @param to b ≥ 0, the rate from step n + 1 on
 * @param steps n ≥ 1
 * @throws if a rate is negative or not finite, or n is not a whole number ≥ 1
 */
export function linear(from: number, to: number, steps: number): Schedule {
  const share = progress("linear", from, to, steps);
  return named(`linear:${from}..${to}@${steps}`, k => from + (to - from) * share(k));
}

/**
 * From one rate to another on half a cosine, then the second: γ_k = b + (a − b)·(1 + cos(π·min(k − 1, n)/n))/2.
 *
 * Source: I. Loshchilov and F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5.
 *
 * @param from a ≥ 0, the rate of the first step
 * @param to b ≥ 0, the rate from step n + 1 on
 * @param steps n ≥ 1
 * @throws if a rate is negative or not finite, or n is not a whole number ≥ 1
 */
export function cosine(from: number, to: number, steps: number): Schedule {
  const share = progress("cosine", from, to, steps);
  return named(`cosine:${from}..${to}@${steps}`, k => to + (from - to) * halfCosine(share(k)));
}

/** min(k − 1, n)/n, after the checks that the bounded schedules share. */
function progress(who: string, from: number, to: number, steps: number): (k: number) => number {
  nonNegative(who, "rate", from);
  nonNegative(who, "rate", to);
  wholeSteps(who, steps);
  return k => Math.min(k - 1, steps) / steps;
}
