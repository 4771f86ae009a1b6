import { fail } from "../../tensor/error.js";
import * as np from "../../tensor/np/index.js";
import type { Value } from "../../tensor/value.js";
import { nonNegative, wholeSteps } from "./arguments.js";
import { scheduled, showRate, type Rate } from "./rate.js";
import type { Schedule } from "./transform.js";

/** A schedule whose function name is what reports show; it gets the step in float64, also from who calls it with an integer. */
export const named = (name: string, schedule: Schedule): Schedule =>
  Object.defineProperty((step: Value) => schedule(step.astype("float64")), "name", { value: name });

/**
 * The same rate at every step: γ_k = γ.
 *
 * @example
 * const outer = adam(constant(1e-3)); // adam(1e-3)
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
 * @example
 * const outer = sgd(powerDecay(10, 0.5)); // 10/√k
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
  return named(`${rate}/k${power === 1 ? "" : `^${power}`}`, k => np.divide(rate, power === 0.5 ? np.sqrt(k) : np.power(k, power)));
}

/**
 * From one rate to another on a line, then the second: γ_k = a + (b − a)·min(k − 1, n)/n.
 *
 * @example
 * const outer = sgd(linear(0.1, 0, 1000));
 *
 * Source: `optax.linear_schedule`, whose count is k − 1.
 *
 * @param from a ≥ 0, the rate of the first step
 * @param to b ≥ 0, the rate from step n + 1 on
 * @param steps n ≥ 1
 * @throws if a rate is negative or not finite, or n is not a whole number ≥ 1
 */
export function linear(from: number, to: number, steps: number): Schedule {
  const share = progress("linear", from, to, steps);
  return named(`linear:${from}..${to}@${steps}`, k => np.add(from, share(k).mul(to - from)));
}

/**
 * From one rate to another on half a cosine, then the second: γ_k = b + (a − b)·(1 + cos(π·min(k − 1, n)/n))/2.
 *
 * @example
 * const outer = adam(cosine(1e-2, 0, 1000));
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
  return named(`cosine:${from}..${to}@${steps}`, k => np.add(to, halfCosine(share(k)).mul(from - to)));
}

/**
 * One schedule after another: γ_k = s_i(k − b_i) for b_i < k ≤ b_{i+1}, with b₀ = 0. Each counts its steps from 1.
 *
 * @example
 * const warmup = joinSchedules([linear(0, 0.1, 100), cosine(0.1, 0, 900)], [100]);
 *
 * Source: `optax.join_schedules`, whose count is k − 1.
 *
 * @param schedules numbers and schedules, at least one
 * @param boundaries b₁ < b₂ < …, the last steps of all but the last of them
 * @throws if the boundaries are not whole, ascending and one fewer than the schedules, or a number is no rate
 */
export function joinSchedules(schedules: readonly Rate[], boundaries: readonly number[]): Schedule {
  const who = "joinSchedules",
    parts = schedules.map(rate => (typeof rate === "number" ? constant(nonNegative(who, "rate", rate)) : rate));
  if (parts.length === 0) fail(who, "wants at least one schedule", "none");
  if (boundaries.length !== parts.length - 1)
    fail(who, `wants a boundary between each two of its ${parts.length} schedules`, `${boundaries.length}`);
  const starts = [0, ...boundaries];
  if (!starts.every((b, i) => Number.isSafeInteger(b) && (i === 0 || b > starts[i - 1])))
    fail(who, "wants whole boundaries in ascending order, at least 1", `[${boundaries.join(", ")}]`);

  const name = parts.map((part, i) => (i < boundaries.length ? lasting(part, boundaries[i] - starts[i]) : showRate(part))).join("~");
  return named(name, k => {
    const rates = parts.map((part, i) => scheduled(who, part, k.sub(starts[i])));
    return rates.reduce((before, rate, i) => np.where(k.greater(starts[i]), rate, before));
  });
}

/** A part of a joined schedule as it is spelled: with its duration, unless that stands there already. */
function lasting(part: Schedule, steps: number): string {
  const name = showRate(part);
  return /^(linear|cosine):/.test(name) && name.endsWith(`@${steps}`) ? name : `${name}@${steps}`;
}

/** min(k − 1, n)/n, after the checks that the bounded schedules share. */
function progress(who: string, from: number, to: number, steps: number): (k: Value) => Value {
  nonNegative(who, "rate", from);
  nonNegative(who, "rate", to);
  wholeSteps(who, steps);
  return k => k.sub(1).minimum(steps).div(steps);
}

/** (1 + cos πt)/2 for t in [0, 1], as a square, which keeps its digits where it is small. */
function halfCosine(t: Value): Value {
  const sine = np.sin(t.minimum(np.subtract(1, t)).mul(Math.PI / 2)),
    square = np.square(sine);
  return np.where(t.less(0.5), np.subtract(1, square), square);
}
