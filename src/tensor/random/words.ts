import { fail } from "../error.js";
import { showType } from "../types.js";
import type { Scalar } from "../value.js";
import { Value } from "../value.js";

/** The two words of a key. @throws on anything but int32[2] */
export function wordsOf(who: string, k: Value): [Value, Value] {
  if (!Value.is(k)) fail(who, "takes a key, a traced value int32[2] (random.key makes one of a seed)", k === null ? "null" : typeof k);
  if (k.dtype !== "int32" || k.shape.join() !== "2") fail(who, "takes a key, int32[2]", showType(k));
  return [k.slice(0), k.slice(1)];
}

/** An int32 scalar itself. @throws on anything else */
export const scalarOf = (who: string, what: string, x: Value): Value =>
  x.dtype === "int32" && x.ndim === 0 ? x : fail(who, `takes ${what}, an int32 scalar`, showType(x));

/** A whole number of 32 bits, or an int32 scalar. @throws on anything else */
export function wordOf(who: string, what: string, x: Scalar): Scalar {
  if (Value.is(x)) return scalarOf(who, what, x);
  return Number.isInteger(x) && x >= -(2 ** 31) && x < 2 ** 32 ? x | 0 : fail(who, `takes ${what}, a whole number of 32 bits`, String(x));
}
