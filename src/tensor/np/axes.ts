import { fail } from "../error.js";
import { showType } from "../types.js";
import type { KeysOf } from "../options.js";
import { checkOptions } from "../options.js";
import type { Axes, ReduceOptions, Value } from "../value.js";

const reduceKeys: KeysOf<ReduceOptions> = { keepdims: true };

/** Whether reduced axes stay. @throws on another option */
export const keepsDims = (who: string, options: ReduceOptions | undefined): boolean =>
  checkOptions(who, options, reduceKeys).keepdims ?? false;

/** An axis of x as a non-negative number; `extra` more axes count as well. @throws if x has none such */
export function normalizeAxis(who: string, x: Value, axis: number, extra = 0): number {
  const rank = x.ndim + extra;
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(at) || at < 0 || at >= rank)
    fail(who, `takes an axis of ${showType(x)}${extra ? " or a place beside one" : ""}`, `${axis}`);
  return at;
}

/** Axes as non-negative, ascending numbers; absent: all. @throws on an axis that x does not have, or one named twice */
export function normalizeAxes(who: string, x: Value, axis: Axes): number[] {
  if (axis === undefined || axis === null) return x.shape.map((_, i) => i);
  const given = typeof axis === "number" ? [axis] : [...axis];
  const axes = given.map(a => (a < 0 ? a + x.ndim : a)).sort((a, b) => a - b);
  if (!axes.every((a, i) => Number.isInteger(a) && a >= 0 && a < x.ndim && a !== axes[i - 1])) {
    fail(who, `takes axes of ${showType(x)}, each once`, `[${given.join(", ")}]`);
  }
  return axes;
}
