import { fail } from "../error.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { HostArray, Shape } from "../types.js";
import type { Value } from "../value.js";

/** What the elements of an int32 array are used as: positions in an axis, or labels of classes, from 0 to extent − 1. */
export interface Bound {
  /** The function that uses them. */
  readonly who: string;
  readonly what: "positions" | "labels";
  readonly extent: number;
}

const bounds = new WeakMap<Value, Bound>();
/** What the elements of a value made by `bounded` are used as. */
export const boundOf = (v: Value): Bound => bounds.get(v) as Bound;

/** The same int32 array; that its elements have a bound stays known under `vmap`, and is found again by `indexUses`. */
export function withBound(x: Value, bound: Bound): Value {
  const value = apply("bounded", [x], {});
  bounds.set(value, bound);
  return value;
}

/** Passes an int32 array on, whose elements have a bound; never part of a program. */
export const bounded: Operation<"bounded"> = {
  type: ([x]) => x,
  pullback: () => [null],
  pushforward: () => null,
  batch: (y, [x]) => withBound(x, boundOf(y)),
  evaluate: ([x]) => x.data.slice(),
};

/** `[3]` or `[1, 0]`: where element k of an array stands; nothing in a scalar. */
function placeOf(shape: Shape, k: number): string {
  let rest = k;
  const at = [...shape].reverse().map(n => {
    const i = rest % n;
    rest = (rest - i) / n;
    return i;
  });
  return at.length ? `[${at.reverse().join(", ")}]` : "";
}

const rules: Record<Bound["what"], (n: number) => string> = {
  positions: n => `takes positions from 0 to ${n - 1}, as the axis has ${n} elements (negative ones do not count from its end)`,
  labels: n =>
    `takes labels from 0 to ${n - 1}, as there are ${n} classes (an example that shall not count: np.where a label, times 0 the loss)`,
};

/**
 * Checks numbers against a bound; `some` are the places of those that are used, if not all. Floating point numbers are truncated first.
 * @throws a sentence with the first that is outside, and where it stands
 */
export function checkBound(data: HostArray, { who, what, extent }: Bound, name = "", some?: Int32Array): void {
  const check = (k: number): void => {
    const i = Math.trunc(data.data[k]);
    if (i >= 0 && i < extent) return;
    const place = `${name}${placeOf(data.shape, k)}`;
    fail(who, rules[what](extent), place ? `${data.data[k]} at ${place}` : `${data.data[k]}`);
  };
  if (some) some.forEach(check);
  else for (let k = 0; k < data.data.length; k++) check(k);
}
