import { fail } from "../../tensor/error.js";

/** Checks a probability of the exact gradient. @throws if it is not in (0, 1] */
export function checkProbability(who: string, q: number): number {
  if (!(q > 0 && q <= 1)) fail(who, "wants a probability in (0, 1]", `${q}`);
  return q;
}

/** Checks a second moment, a cost or a constant. @throws if it is negative or not finite */
export function checkNonNegative(who: string, what: string, x: number): number {
  if (!(x >= 0 && Number.isFinite(x))) fail(who, `wants a non-negative ${what}`, `${x}`);
  return x;
}
