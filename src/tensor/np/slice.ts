import { fail } from "../error.js";
import { apply } from "../operation.js";
import { showType } from "../types.js";
import type { Operand, SliceItem, Value } from "../value.js";
import { Value as Node } from "../value.js";
import { valueOf } from "./promote.js";
import { flip, reshape } from "./shape.js";

/** Elements start, start + stride, … of one axis, read backwards where `reversed`. */
interface Cut {
  readonly start: number;
  readonly stride: number;
  readonly length: number;
  readonly reversed: boolean;
}

/**
 * Basic slicing, one item an axis from the first: a number picks (the axis goes), `[start, stop, step]` cuts with NumPy's defaults
 * and negative counting, null keeps the axis. @throws on an index outside the axis, and on traced indices (np.take)
 */
export function slice(x: Operand, ...items: SliceItem[]): Value {
  x = valueOf("slice", x);
  if (items.length > x.ndim) fail("slice", `takes at most ${x.ndim} items for ${showType(x)}`, `${items.length}`);
  const cuts = x.shape.map((_, axis) => cutOf(x, axis, items[axis] ?? null));
  const back = cuts.flatMap((c, axis) => (c.reversed ? [axis] : []));
  const whole = cuts.every((c, i) => c.start === 0 && c.stride === 1 && c.length === x.shape[i]);
  const params = { start: cuts.map(c => c.start), stride: cuts.map(c => c.stride) };
  const cut = whole ? x : apply("slice", [x], params, { shape: cuts.map(c => c.length) });
  const turned = back.length ? flip(cut, back) : cut;
  const kept = turned.shape.filter((_, i) => typeof items[i] !== "number");
  return reshape(turned, kept);
}

function cutOf(x: Value, axis: number, item: SliceItem): Cut {
  const n = x.shape[axis];
  if (item === null) return { start: 0, stride: 1, length: n, reversed: false };
  if (typeof item === "number") {
    const start = item < 0 ? item + n : item;
    if (!Number.isInteger(start) || start < 0 || start >= n)
      fail("slice", `takes an index inside axis ${axis} of ${showType(x)}`, `${item}`);
    return { start, stride: 1, length: 1, reversed: false };
  }
  if (Node.is(item)) return fail("slice", "takes numbers (np.take takes positions that are traced values)", showType(item));
  const [first = null, stop = null, jump = null] = Array.isArray(item) ? (item as readonly (number | null)[]) : [NaN];
  const step = jump ?? 1;
  if (![first ?? 0, stop ?? 0, step].every(v => Number.isInteger(v)) || step === 0 || item.length > 3) {
    fail("slice", "takes an index, null, or whole [start, stop, step] with step ≠ 0", JSON.stringify(item) ?? typeof item);
  }
  // Positions before the first and behind the last element, where a walk in the direction of the step may stand.
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? n : n - 1;
  const place = (v: number) => Math.max(low, Math.min(high, v < 0 ? v + n : v));
  const from = first === null ? (step > 0 ? low : high) : place(first);
  const to = stop === null ? (step > 0 ? high : low) : place(stop);
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length === 0) return { start: 0, stride: 1, length, reversed: false };
  return step > 0
    ? { start: from, stride: step, length, reversed: false }
    : { start: from + (length - 1) * step, stride: -step, length, reversed: true };
}
