import { fail } from "../error.js";
import { apply } from "../operation.js";
import type { Shape } from "../types.js";
import { sameShape, showType, sizeOf } from "../types.js";
import type { Axes, SliceItem, Value } from "../value.js";
import { promote, spread } from "./promote.js";
import { normalizeAxes } from "./reduce.js";

/** The same elements, row-major, in another shape; one extent may be −1. @throws if the number of elements differs */
export function reshape(x: Value, shape: Shape): Value {
  const open = shape.indexOf(-1),
    known = sizeOf(shape.filter(d => d !== -1));
  const full = open < 0 ? shape : shape.map((d, i) => (i === open ? x.size / known : d));
  if (!full.every(d => Number.isInteger(d) && d >= 0))
    fail("reshape", `needs extents that fit the ${x.size} elements of ${showType(x)}`, `[${shape.join(",")}]`);
  return sameShape(x.shape, full) ? x : apply("reshape", [x], {}, { shape: full });
}

/** Axes in another order; absent: reversed. */
export function transpose(x: Value, permutation?: readonly number[]): Value {
  const p = permutation?.map(i => (i < 0 ? i + x.ndim : i)) ?? x.shape.map((_, i) => x.ndim - 1 - i);
  return p.length === x.ndim && p.every((a, i) => a === i) ? x : apply("transpose", [x], { permutation: p });
}

/** Moves one axis to another place. */
export function moveaxis(x: Value, from: number, to: number): Value {
  const [f, t] = [from, to].map(i => (i < 0 ? i + x.ndim : i)),
    rest = x.shape.map((_, i) => i).filter(i => i !== f);
  rest.splice(t, 0, f);
  return transpose(x, rest);
}

/** Repeats axes of extent 1, and new axes in front. @throws if the shapes do not fit */
export function broadcastTo(x: Value, shape: Shape): Value {
  return spread(x, shape);
}

/** A new axis of extent 1. */
export function expandDims(x: Value, axis: number): Value {
  const at = axis < 0 ? axis + x.ndim + 1 : axis;
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Drops axes of extent 1 (absent: all of them). */
export function squeeze(x: Value, axis?: Axes): Value {
  const axes =
    axis === undefined || axis === null ? x.shape.map((_, i) => i).filter(i => x.shape[i] === 1) : normalizeAxes("squeeze", x, axis);
  if (axes.some(a => x.shape[a] !== 1)) fail("squeeze", "drops axes of extent 1", `axes [${axes.join(", ")}] of ${showType(x)}`);
  return reshape(
    x,
    x.shape.filter((_, i) => !axes.includes(i)),
  );
}

/** Arrays laid one after another along an axis. */
export function concatenate(values: readonly Value[], axis = 0): Value {
  if (!values.length) fail("concatenate", "takes at least one array", "none");
  const at = axis < 0 ? axis + values[0].ndim : axis,
    dtypes = new Set(values.map(v => v.dtype));
  return apply("concatenate", dtypes.size > 1 ? unify(values) : values, { axis: at });
}
const unify = (values: readonly Value[]) => {
  const dtype = promote(
    "concatenate",
    values.map(v => reshape(v, [-1]).slice([0, 1]).sum()),
  )[0].dtype;
  return values.map(v => v.astype(dtype));
};

/** Arrays of one shape along a new axis. */
export function stack(values: readonly Value[], axis = 0): Value {
  return concatenate(
    values.map(v => expandDims(v, axis)),
    axis,
  );
}

/** Reverses axes (absent: all). */
export function flip(x: Value, axis?: Axes): Value {
  const axes = normalizeAxes("flip", x, axis);
  return axes.length ? apply("flip", [x], { axes }) : x;
}

/** Zeros around an array: `widths` has [before, after] for each axis. */
export function pad(x: Value, widths: readonly (readonly [number, number])[]): Value {
  if (widths.length !== x.ndim || widths.flat().some(w => !Number.isInteger(w) || w < 0))
    fail("pad", `takes [before, after] for each axis of ${showType(x)}`, JSON.stringify(widths));
  return apply(
    "pad",
    [x],
    { start: widths.map(w => w[0]), stride: widths.map(() => 1) },
    { shape: x.shape.map((d, i) => d + widths[i][0] + widths[i][1]) },
  );
}

/**
 * Basic slicing, one item an axis from the first: a number picks (the axis goes), `[start, stop, step]` cuts with NumPy's defaults
 * and negative counting, null keeps the axis. @throws on an index outside the axis
 */
export function slice(x: Value, ...items: SliceItem[]): Value {
  if (items.length > x.ndim) fail("slice", `takes at most ${x.ndim} items for ${showType(x)}`, `${items.length}`);
  const cuts = x.shape.map((n, axis) => cut(x, n, axis, items[axis] ?? null));
  const back = cuts.flatMap((c, axis) => (c.reversed ? [axis] : []));
  const whole = cuts.every((c, i) => c.start === 0 && c.stride === 1 && c.length === x.shape[i]);
  const taken = whole
    ? x
    : apply("slice", [x], { start: cuts.map(c => c.start), stride: cuts.map(c => c.stride) }, { shape: cuts.map(c => c.length) });
  const turned = back.length ? flip(taken, back) : taken;
  return reshape(
    turned,
    turned.shape.filter((_, i) => typeof items[i] !== "number"),
  );
}

function cut(x: Value, n: number, axis: number, item: SliceItem) {
  if (item === null) return { start: 0, stride: 1, length: n, reversed: false };
  if (typeof item === "number") {
    const at = item < 0 ? item + n : item;
    if (!Number.isInteger(at) || at < 0 || at >= n) fail("slice", `takes an index inside axis ${axis} of ${showType(x)}`, `${item}`);
    return { start: at, stride: 1, length: 1, reversed: false };
  }
  const step = item[2] ?? 1;
  if (!Number.isInteger(step) || step === 0 || item.some(v => v !== null && !Number.isInteger(v)))
    fail("slice", "takes whole [start, stop, step] with step ≠ 0", `[${item.join(", ")}]`);
  const clamp = (v: number, low: number, high: number) => Math.max(low, Math.min(high, v < 0 ? v + n : v));
  if (step > 0) {
    const from = clamp(item[0] ?? 0, 0, n),
      to = clamp(item[1] ?? n, 0, n);
    return { start: Math.min(from, Math.max(n - 1, 0)), stride: step, length: Math.max(0, Math.ceil((to - from) / step)), reversed: false };
  }
  const from = item[0] === undefined || item[0] === null ? n - 1 : clamp(item[0], -1, n - 1),
    to = item[1] === undefined || item[1] === null ? -1 : clamp(item[1], -1, n - 1);
  const length = Math.max(0, Math.ceil((from - to) / -step));
  return { start: length ? from + (length - 1) * step : 0, stride: -step, length, reversed: true };
}
