import { valueOf } from "../np/promote.js";
import { fail } from "../error.js";
import * as np from "../np/index.js";
import { apply } from "../operation.js";
import type { KeysOf } from "../options.js";
import { checkOptions } from "../options.js";
import { isFloat, showType } from "../types.js";
import type { Operand, Value } from "../value.js";

/** Windows over the last axes of an array. */
export interface PoolOptions {
  /** Extents of the window, for as many of the last axes: [h, w] for images [N, C, H, W]. */
  readonly window: readonly number[];
  /** Distance between windows; absent: the window, so that they do not overlap. */
  readonly strides?: readonly number[];
  /** `VALID` (the default): windows that lie inside; `SAME`: ⌈n / stride⌉ windows, of which those at the border reach over it. */
  readonly padding?: "VALID" | "SAME";
}

const poolKeys: KeysOf<PoolOptions> = { window: true, strides: true, padding: true };

/** Windows along one axis: their number, and what lies before the first and behind the last element. */
interface Line {
  readonly axis: number;
  readonly window: number;
  readonly stride: number;
  readonly count: number;
  readonly before: number;
  readonly behind: number;
}

/** @throws unless window and strides are whole and ≥ 1, one for each of the last axes, and the windows fit */
function linesOf(who: string, x: Value, options: PoolOptions): Line[] {
  const { window, strides = window, padding = "VALID" } = checkOptions(who, options, poolKeys);
  if (![window, strides].every(list => Array.isArray(list as unknown)))
    fail(who, "takes lists of extents as window and strides", JSON.stringify({ window, strides }));
  const rank = window.length;
  const whole = (list: readonly number[]) => list.length === rank && list.every(n => Number.isInteger(n) && n >= 1);
  if (rank === 0 || rank > x.ndim || !whole(window) || !whole(strides))
    fail(
      who,
      `takes whole windows and strides ≥ 1 for as many of the last axes of ${showType(x)}`,
      `${JSON.stringify({ window, strides })}`,
    );
  if (padding !== "VALID" && padding !== "SAME") fail(who, 'takes the padding "VALID" or "SAME"', JSON.stringify(padding));
  return window.map((w, i) => {
    const axis = x.ndim - rank + i;
    const n = x.shape[axis];
    if (padding === "SAME") {
      const count = Math.ceil(n / strides[i]);
      const over = Math.max((count - 1) * strides[i] + w - n, 0);
      return { axis, window: w, stride: strides[i], count, before: Math.floor(over / 2), behind: Math.ceil(over / 2) };
    }
    if (w > n) fail(who, `takes windows that fit into ${showType(x)} (or the padding "SAME")`, `[${window.join(",")}]`);
    return { axis, window: w, stride: strides[i], count: Math.floor((n - w) / strides[i]) + 1, before: 0, behind: 0 };
  });
}

/** The k-th elements of all windows along an axis, for every k. */
function elementsOf(x: Value, { axis, window, stride, count }: Line): Value[] {
  const none = x.shape.map(() => 0);
  const places = (k: number) => ({ start: none.with(axis, k), stride: none.map(() => 1).with(axis, stride) });
  return Array.from({ length: window }, (_, k) => apply("slice", [x], places(k), { shape: x.shape.with(axis, count) }));
}

/** A list folded pair by pair. */
function paired(values: readonly Value[], combine: (a: Value, b: Value) => Value): Value {
  if (values.length === 1) return values[0];
  const pairs = values.flatMap((v, i) => (i % 2 ? [] : [i + 1 < values.length ? combine(v, values[i + 1]) : v]));
  return paired(pairs, combine);
}

/** Axis by axis, the last first: fewer steps than over all elements of a window at once. */
const folded = (
  x: Value,
  lines: readonly Line[],
  extended: (x: Value, line: Line) => Value,
  combine: (a: Value, b: Value) => Value,
): Value => lines.reduceRight((y, line) => (line.count ? paired(elementsOf(extended(y, line), line), combine) : y), x);

/** More elements of one value around those of an axis. */
function surrounded(x: Value, { axis, before, behind }: Line, value: number): Value {
  const more = (n: number) => (n > 0 ? [np.full(x.shape.with(axis, n), value, x.dtype)] : []);
  return before || behind ? np.concatenate([...more(before), x, ...more(behind)], axis) : x;
}

/**
 * The largest element of each window over the last axes: [N, C, H, W] → [N, C, h, w]. Equal elements share the derivative pair by pair, along the
 * last axis first. @throws unless window and strides are whole and ≥ 1 and the windows fit
 */
export function maxPool(x: Operand, options: PoolOptions): Value {
  x = valueOf("maxPool", x);
  const lines = linesOf("maxPool", x, options);
  const numbers = x.dtype === "bool" ? np.astype(x, np.float32) : x;
  const lowest = x.dtype === "int32" ? -(2 ** 31) : -Infinity;
  return folded(numbers, lines, (y, line) => surrounded(y, line, lowest), np.maximum);
}

/**
 * The mean of each window over the last axes: [N, C, H, W] → [N, C, h, w]. A window that reaches over the border has the mean of its elements
 * inside. @throws unless window and strides are whole and ≥ 1 and the windows fit
 */
export function avgPool(x: Operand, options: PoolOptions): Value {
  x = valueOf("avgPool", x);
  const lines = linesOf("avgPool", x, options);
  // Sums of integers would wrap.
  const numbers = isFloat(x) ? x : np.astype(x, np.float32);
  const total = folded(numbers, lines, (y, line) => surrounded(y, line, 0), np.add);
  return lines.reduce((y, line) => {
    const inside = insideOf(line, x.shape[line.axis]);
    if (inside.every(n => n === line.window)) return y.div(line.window);
    const shape = y.shape.map((_, axis) => (axis === line.axis ? line.count : 1));
    return y.div(np.array(inside).reshape(shape));
  }, total);
}

/** How many elements of each window are inside an axis of n elements. */
const insideOf = ({ window, stride, count, before }: Line, n: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.min(i * stride - before + window, n) - Math.max(i * stride - before, 0));
