import { fail } from "../../tensor/error.js";

/** Arguments of transforms and schedules are checked where they are given; each function returns what it has checked. */
export function positive(who: string, what: string, x: number): number {
  if (!(x > 0 && Number.isFinite(x))) fail(who, `wants a positive ${what}`, `${x}`);
  return x;
}

export function nonNegative(who: string, what: string, x: number): number {
  if (!(x >= 0 && Number.isFinite(x))) fail(who, `wants a non-negative ${what}`, `${x}`);
  return x;
}

/** A factor of a moving average. */
export function decay(who: string, what: string, x: number): number {
  if (!(x >= 0 && x < 1)) fail(who, `wants ${what} in [0, 1)`, `${x}`);
  return x;
}

/** A count of at least one. */
export function atLeastOne(who: string, what: string, x: number): number {
  if (!Number.isSafeInteger(x) || x < 1) fail(who, `wants a whole ${what}, at least 1`, `${x}`);
  return x;
}

export function wholeSteps(who: string, x: number): number {
  if (!Number.isSafeInteger(x) || x < 1) fail(who, "wants a whole number of steps, at least 1", `${x}`);
  return x;
}
