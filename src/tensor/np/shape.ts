import { fail } from "../error.js";
import type { Extents } from "../extents.js";
import { listOf } from "../extents.js";
import { checkShape } from "../host.js";
import { apply } from "../operation.js";
import { sameShape, showType, sizeOf } from "../types.js";
import type { Axes, Operand, Value } from "../value.js";
import { normalizeAxes, normalizeAxis } from "./axes.js";
import { commonDType, convert, lift, spread, valueOf } from "./promote.js";

/** The same elements, row-major, in another shape; one extent may be −1. @throws if the number of elements differs */
export function reshape(x: Operand, ...extents: Extents): Value {
  x = valueOf("reshape", x);
  const shape = listOf(extents);
  const open = shape.indexOf(-1);
  const known = sizeOf(shape.filter(d => d !== -1));
  const full = open < 0 ? shape : shape.map((d, i) => (i === open ? x.size / known : d));
  if (!full.every(d => Number.isInteger(d) && d >= 0) || sizeOf(full) !== x.size) {
    fail("reshape", `needs extents that fit the ${x.size} elements of ${showType(x)}`, `[${shape.join(",")}]`);
  }
  return sameShape(x.shape, full) ? x : apply("reshape", [x], {}, { shape: full });
}

/** Axes in another order: axis i of the result is axis permutation[i] of x; absent: reversed. @throws if it is no permutation of the axes */
export function transpose(x: Operand, ...permutation: Extents | [permutation?: undefined]): Value {
  x = valueOf("transpose", x);
  const { ndim, shape } = x;
  const reversed = permutation[0] === undefined;
  const p = reversed ? shape.map((_, i) => ndim - 1 - i) : listOf(permutation).map(i => (i < 0 ? i + ndim : i));
  return p.length === x.ndim && p.every((a, i) => a === i) ? x : apply("transpose", [x], { permutation: p });
}

/** Moves one axis to another place; the others keep their order. @throws on an axis that x does not have */
export function moveaxis(x: Operand, from: number, to: number): Value {
  x = valueOf("moveaxis", x);
  const at = normalizeAxis("moveaxis", x, from);
  const rest = x.shape.map((_, i) => i).filter(i => i !== at);
  rest.splice(normalizeAxis("moveaxis", x, to), 0, at);
  return transpose(x, rest);
}

/** Repeats axes of extent 1, and new axes in front. @throws if the shapes do not fit */
export function broadcastTo(x: Operand, ...shape: Extents): Value {
  return spread(valueOf("broadcastTo", x), checkShape("broadcastTo", listOf(shape)));
}

/** A new axis of extent 1 at a place of the result. @throws if the result has no such axis */
export function expandDims(x: Operand, axis: number): Value {
  x = valueOf("expandDims", x);
  const at = normalizeAxis("expandDims", x, axis, 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Drops axes of extent 1 (absent: all of them). @throws on an axis of another extent */
export function squeeze(x: Operand, axis?: Axes): Value {
  x = valueOf("squeeze", x);
  const all = axis === undefined || axis === null;
  const axes = normalizeAxes("squeeze", x, axis).filter(a => !all || x.shape[a] === 1);
  if (axes.some(a => x.shape[a] !== 1)) fail("squeeze", "drops axes of extent 1", `axes [${axes.join(", ")}] of ${showType(x)}`);
  const kept = x.shape.filter((_, i) => !axes.includes(i));
  return reshape(x, kept);
}

/** Arrays laid one after another along an axis, in the widest dtype of them. @throws if they differ in another axis */
export function concatenate(values: readonly Operand[], axis = 0): Value {
  if (!values.length) fail("concatenate", "takes at least one array", "none");
  const dtype = commonDType("concatenate", values);
  const parts = values.map(v => convert(lift("concatenate", v, dtype), dtype));
  return apply("concatenate", parts, { axis: normalizeAxis("concatenate", parts[0], axis) });
}

/** Arrays of one shape along a new axis. @throws if the shapes differ */
export function stack(values: readonly Operand[], axis = 0): Value {
  if (!values.length) fail("stack", "takes at least one array", "none");
  const dtype = commonDType("stack", values);
  const arrays = values.map(v => lift("stack", v, dtype));
  if (!arrays.every(v => sameShape(v.shape, arrays[0].shape))) fail("stack", "takes arrays of one shape", arrays.map(showType).join(", "));
  const at = normalizeAxis("stack", arrays[0], axis, 1);
  const parts = arrays.map(v => expandDims(v, at));
  return concatenate(parts, at);
}

/**
 * Parts along an axis: so many of one length, or between the positions given, as NumPy: [2, 5] gives x[:2], x[2:5] and x[5:].
 * @throws if the axis does not divide into so many parts, or positions are not ascending inside the axis
 */
export function split(x: Operand, parts: number | readonly number[], axis = 0): Value[] {
  x = valueOf("split", x);
  const at = normalizeAxis("split", x, axis);
  const n = x.shape[at];
  const even = typeof parts === "number";
  if (even && !(Number.isInteger(parts) && parts > 0 && n % parts === 0))
    fail("split", `takes a number of parts that divides axis ${at} of ${showType(x)}`, `${parts}`);
  const cuts = even ? Array.from({ length: parts - 1 }, (_, i) => ((i + 1) * n) / parts) : parts;
  const ends = [...cuts, n];
  if (!ends.every((end, i) => Number.isInteger(end) && end >= (ends[i - 1] ?? 0)))
    fail("split", `takes ascending positions inside axis ${at} of ${showType(x)}`, `[${cuts.join(", ")}]`);
  const none = x.shape.map(() => 0);
  return ends.map((end, i) => {
    const from = ends[i - 1] ?? 0;
    return apply("slice", [x], { start: none.with(at, from), stride: none.map(() => 1) }, { shape: x.shape.with(at, end - from) });
  });
}

/** Reverses axes (absent: all). @throws on an axis that x does not have */
export function flip(x: Operand, axis?: Axes): Value {
  x = valueOf("flip", x);
  const axes = normalizeAxes("flip", x, axis);
  return axes.length ? apply("flip", [x], { axes }) : x;
}

/** Zeros around an array: `widths` has [before, after] for each axis. @throws unless there is a pair of whole, non-negative numbers for each axis */
export function pad(x: Operand, widths: readonly (readonly [number, number])[]): Value {
  x = valueOf("pad", x);
  if (widths.length !== x.ndim || !widths.every(pair => pair.length === 2 && pair.every(w => Number.isInteger(w) && w >= 0))) {
    fail("pad", `takes [before, after] for each axis of ${showType(x)}`, JSON.stringify(widths));
  }
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((d, i) => d + widths[i][0] + widths[i][1]);
  return apply("pad", [x], { start: widths.map(([before]) => before), stride: widths.map(() => 1) }, { shape });
}
