import * as np from "../../tensor/np/index.js";
import { checkOptions } from "../../tensor/options.js";
import { fail } from "../../tensor/error.js";
import type { Value } from "../../tensor/value.js";
import { nonNegative, wholeSteps } from "./arguments.js";
import { cosine, joinSchedules, linear, named, untilEnd, type Until } from "./schedules.js";
import type { Schedule, StepSchedule } from "./transform.js";

/**
 * A factor every n steps, and a part of it at every step: γ_k = γ·q^{(k − 1)/n}; until the run ends, γ_k = γ·q^s with the share s of the run that is
 * done before step k.
 *
 * @example
 * const outer = sgd(exponentialDecay(0.1, 0.5, 100)); // half as much every 100 steps
 *
 * Source: `optax.exponential_decay`, whose count is k − 1.
 *
 * @param rate γ ≥ 0, the rate of the first step
 * @param factor q > 0
 * @param until n ≥ 1, or `"end"`; 1 unless told
 * @throws if the rate is negative or not finite, q is not positive and finite, or n is neither a whole number ≥ 1 nor `"end"`
 */
export function exponentialDecay(rate: number, factor: number, until?: number): StepSchedule;
export function exponentialDecay(rate: number, factor: number, until?: Until): Schedule;
export function exponentialDecay(rate: number, factor: number, until: Until = 1): Schedule {
  nonNegative("exponentialDecay", "rate", rate);
  if (!(factor > 0 && factor < Infinity)) fail("exponentialDecay", "wants a positive factor", `${factor}`);
  if (until !== "end") wholeSteps("exponentialDecay", until);
  return named(`exponential:${rate}*${factor}@${until}`, (k: Value, share?: Value) => {
    const done = until === "end" ? untilEnd("exponentialDecay", share) : k.sub(1).div(until);
    return np.power(np.full([], factor, "float64"), done).mul(rate);
  });
}

/** Where a warm-up begins and where the cosine ends. */
export interface WarmupOptions {
  /** The rate of the first step; 0 unless told. */
  readonly from?: number;
  /** The rate after the last step; 0 unless told. */
  readonly to?: number;
}

/**
 * A warm-up on a line and a decay on half a cosine: from a to γ over the first w steps, then from γ to b over the n − w others.
 *
 * @example
 * const outer = adam(warmupCosine(1e-2, 100, 1000));
 *
 * Source: `optax.warmup_cosine_decay_schedule`, whose count is k − 1.
 *
 * @param peak γ ≥ 0, the rate of step w + 1
 * @param warmup w ≥ 1
 * @param steps n > w, with the warm-up
 * @param options.from a ≥ 0; 0 unless told
 * @param options.to b ≥ 0; 0 unless told
 * @throws if a rate is negative or not finite, or the steps are not whole, at least 1, and more than the warm-up's
 */
export function warmupCosine(peak: number, warmup: number, steps: number, options?: WarmupOptions): StepSchedule {
  const { from = 0, to = 0 } = checkOptions<WarmupOptions>("warmupCosine", options, { from: true, to: true });
  wholeSteps("warmupCosine", warmup);
  if (!Number.isSafeInteger(steps) || steps <= warmup)
    fail("warmupCosine", `wants more steps than the ${warmup} of its warm-up`, `${steps}`);
  return joinSchedules([linear(from, peak, warmup), cosine(peak, to, steps - warmup)], [warmup]);
}

/**
 * Rates one after another: γ_k = γ_i for b_i < k ≤ b_{i+1}, with b₀ = 0.
 *
 * @example
 * const outer = sgd(piecewiseConstant([0.1, 0.01, 0.001], [500, 800]));
 *
 * Source: `optax.piecewise_constant_schedule`, with rates in place of factors.
 *
 * @param rates γ_i ≥ 0, at least one
 * @param boundaries b₁ < b₂ < …, the last steps of all but the last of them
 * @throws if the boundaries are not whole, ascending and one fewer than the rates, or a rate is negative or not finite
 */
export const piecewiseConstant = (rates: readonly number[], boundaries: readonly number[]): StepSchedule =>
  joinSchedules(rates, boundaries);
