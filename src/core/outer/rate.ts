import { fail } from "../../tensor/error.js";
import { constant } from "./schedules.js";
import type { Schedule } from "./transform.js";

/** A step size: the same at every outer step, or a schedule. */
export type Rate = number | Schedule;

/**
 * The schedule of a rate, which refuses at the step where it is not a number ≥ 0.
 *
 * @param who what refuses in the message, such as `adam`
 * @throws if a constant rate is negative or not finite
 */
export function scheduleOf(who: string, rate: Rate): Schedule {
  if (typeof rate === "number" && !(rate >= 0 && Number.isFinite(rate))) fail(who, "wants a non-negative rate", `${rate}`);
  const schedule = typeof rate === "number" ? constant(rate) : rate;
  return k => {
    const now = schedule(k);
    if (!(now >= 0 && Number.isFinite(now))) fail(`the rate of ${who}`, `must be a finite number ≥ 0 at step ${k}`, `${now}`);
    return now;
  };
}

/** How reports show a rate: `0.1`, `10/k`, the name of the user's own function. */
export const showRate = (rate: Rate): string => (typeof rate === "number" ? `${rate}` : rate.name || "schedule");
