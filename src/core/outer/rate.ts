import { fail } from "../../tensor/error.js";
import * as np from "../../tensor/np/index.js";
import { withPrecision } from "../../tensor/precision.js";
import type { ValueTree } from "../../tensor/tree.js";
import { describeTree, map } from "../../tensor/tree.js";
import { Value } from "../../tensor/value.js";
import { nonNegative } from "./arguments.js";
import type { Schedule } from "./transform.js";

/** A step size: the same at every outer step, or a schedule. */
export type Rate = number | Schedule;

/** A rate of a schedule in the update that is traced: a step at which it is out of range must not count. */
export interface NotedRate {
  readonly who: string;
  readonly schedule: Schedule;
  readonly value: Value;
}

let noted: NotedRate[] = [];

/** Runs what traces an update, and says which schedules it asked for a rate. */
export function notingRates<R>(f: () => R): { readonly result: R; readonly rates: readonly NotedRate[] } {
  const before = noted,
    rates: NotedRate[] = (noted = []);
  try {
    return { result: f(), rates };
  } finally {
    noted = before;
  }
}

/** γ_k of a schedule as a float64 scalar. @throws if it gives no scalar */
export const scheduled = (who: string, schedule: Schedule, step: Value, share: Value): Value =>
  withPrecision("float64", () => {
    const rate: unknown = schedule(step.astype("float64"), share);
    if (typeof rate === "number") return np.full([], rate, "float64");
    if (!Value.is(rate) || rate.ndim !== 0) return fail(`the rate of ${who}`, "must be a number or a scalar value", describeTree(rate));
    return rate.astype("float64");
  });

/**
 * A rate as a function of the step k and of the share of the run that is done.
 *
 * @param who what refuses in the message, such as `adam`
 * @throws if a constant rate is negative or not finite
 */
export function rateOf(who: string, rate: Rate): (step: Value, share: Value) => Value | number {
  if (typeof rate === "number") {
    nonNegative(who, "rate", rate);
    return () => rate;
  }
  if (typeof rate !== "function") {
    const inner = typeof rate === "object" && rate !== null && "rate" in rate ? ` (the inner loop has optimizers.${who})` : "";
    fail(who, `wants a rate that is a number or a schedule${inner}`, describeTree(rate));
  }
  return (step, share) => {
    const value = scheduled(who, rate, step, share);
    noted.push({ who, schedule: rate, value });
    return value;
  };
}

/** −γ·x, leaf by leaf; γ is rounded to the leaf's element type. */
export const descend = (gamma: Value | number, x: ValueTree): ValueTree =>
  map(leaf => leaf.mul(typeof gamma === "number" ? -gamma : gamma.neg().astype(leaf.dtype)), x);

/** How reports show a rate: `0.1`, `10/k`, the name of the user's own function. */
export const showRate = (rate: Rate): string => (typeof rate === "number" ? `${rate}` : rate.name || "schedule");
