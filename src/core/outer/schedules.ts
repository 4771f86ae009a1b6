import { fail } from "../../tensor/error.js";
import * as np from "../../tensor/np/index.js";
import type { Value } from "../../tensor/value.js";
import { nonNegative, wholeSteps } from "./arguments.js";
import { scheduled, showRate, type Rate } from "./rate.js";
import type { Schedule, StepSchedule } from "./transform.js";

/** A schedule whose function name is what reports show; it gets the step in float64, also from who calls it with an integer. */
export function named<S extends Schedule>(name: string, schedule: S): S {
  const own: Schedule = (step, share) => schedule(step.astype("float64"), share);
  return Object.defineProperty(own, "name", { value: name }) as S;
}

/** Where a bounded schedule ends: after so many steps, or with the run. */
export type Until = number | "end";

/**
 * What a schedule that ends with the run is made of: the share of the run that is done.
 *
 * @param who for messages
 * @throws where there is no run whose end could be meant, as inside of the inner loop
 */
export const untilEnd = (who: string, share: Value | undefined): Value =>
  share ?? fail(`${who} until "end"`, "is a rate of outer transforms, whose run has an end", "a loop of inner steps");

/**
 * The same rate at every step: γ_k = γ.
 *
 * @example
 * const outer = adam(constant(1e-3)); // adam(1e-3)
 *
 * @param rate γ ≥ 0
 * @throws if γ is negative or not finite
 */
export function constant(rate: number): StepSchedule {
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
export function powerDecay(rate: number, power: number): StepSchedule {
  nonNegative("powerDecay", "rate", rate);
  nonNegative("powerDecay", "power", power);
  return named(`${rate}/k${power === 1 ? "" : `^${power}`}`, k => np.divide(rate, power === 0.5 ? np.sqrt(k) : np.power(k, power)));
}

/**
 * From one rate to another on a line, then the second: γ_k = a + (b − a)·min(k − 1, n)/n; until the run ends, γ_k = a + (b − a)·s with the share s
 * of the run that is done before step k.
 *
 * @example
 * const outer = sgd(linear(0.1, 0, 1000));
 *
 * Source: `optax.linear_schedule`, whose count is k − 1.
 *
 * @param from a ≥ 0, the rate of the first step
 * @param to b ≥ 0, the rate from step n + 1 on
 * @param until n ≥ 1, or `"end"`
 * @throws if a rate is negative or not finite, or n is neither a whole number ≥ 1 nor `"end"`
 */
export function linear(from: number, to: number, until: number): StepSchedule;
export function linear(from: number, to: number, until: Until): Schedule;
export function linear(from: number, to: number, until: Until): Schedule {
  const done = progress("linear", from, to, until);
  return named(`linear:${from}..${to}@${until}`, (k, share) => np.add(from, done(k, share).mul(to - from)));
}

/**
 * From one rate to another on half a cosine, then the second: γ_k = b + (a − b)·(1 + cos(π·min(k − 1, n)/n))/2; until the run ends, with the share
 * of the run that is done before step k in place of min(k − 1, n)/n.
 *
 * @example
 * const outer = adam(cosine(1e-2, 0, 1000));
 *
 * Source: I. Loshchilov and F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5.
 *
 * @param from a ≥ 0, the rate of the first step
 * @param to b ≥ 0, the rate from step n + 1 on
 * @param until n ≥ 1, or `"end"`
 * @throws if a rate is negative or not finite, or n is neither a whole number ≥ 1 nor `"end"`
 */
export function cosine(from: number, to: number, until: number): StepSchedule;
export function cosine(from: number, to: number, until: Until): Schedule;
export function cosine(from: number, to: number, until: Until): Schedule {
  const done = progress("cosine", from, to, until);
  return named(`cosine:${from}..${to}@${until}`, (k, share) => np.add(to, halfCosine(done(k, share)).mul(from - to)));
}

/**
 * One schedule after another: γ_k = s_i(k − b_i) for b_i < k ≤ b_{i+1}, with b₀ = 0. Each counts its steps from 1; the share of the run that is done
 * counts from the start of the run in all of them.
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
export function joinSchedules(schedules: readonly (number | StepSchedule)[], boundaries: readonly number[]): StepSchedule;
export function joinSchedules(schedules: readonly Rate[], boundaries: readonly number[]): Schedule;
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
  return named(name, (k: Value, share: Value) => {
    const rates = parts.map((part, i) => scheduled(who, part, k.sub(starts[i]), share));
    return rates.reduce((before, rate, i) => np.where(k.greater(starts[i]), rate, before));
  });
}

/** A part of a joined schedule as it is spelled: with its duration, unless that stands there already. */
function lasting(part: Schedule, steps: number): string {
  const name = showRate(part);
  return /^(linear|cosine):/.test(name) && name.endsWith(`@${steps}`) ? name : `${name}@${steps}`;
}

/** min(k − 1, n)/n, or the share of the run that is done, after the checks that the bounded schedules share. */
function progress(who: string, from: number, to: number, until: Until): (k: Value, share?: Value) => Value {
  nonNegative(who, "rate", from);
  nonNegative(who, "rate", to);
  if (until === "end") return (_, share) => untilEnd(who, share);
  wholeSteps(who, until);
  return k => k.sub(1).minimum(until).div(until);
}

/** (1 + cos πt)/2 for t in [0, 1], as a square, which keeps its digits where it is small. */
function halfCosine(t: Value): Value {
  const sine = np.sin(t.minimum(np.subtract(1, t)).mul(Math.PI / 2)),
    square = np.square(sine);
  return np.where(t.less(0.5), np.subtract(1, square), square);
}
