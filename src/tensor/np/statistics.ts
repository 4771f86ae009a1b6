import { fail } from "../error.js";
import { workingPrecision } from "../precision.js";
import { isFloat, showType, sizeOf } from "../types.js";
import type { Axes, Operand, ReduceOptions, Value } from "../value.js";
import { keepsDims, normalizeAxes } from "./axes.js";
import { sqrt } from "./functions.js";
import { equal, where } from "./logic.js";
import { convert, valueOf } from "./promote.js";
import { max, min, variance } from "./reduce.js";
import { reshape, stack, transpose } from "./shape.js";
import { slice } from "./slice.js";
import { sort } from "./order.js";
import { isNaN } from "./truth.js";

/** √x with all derivatives 0 at 0. */
export function rootOf(x: Value): Value {
  const atZero = equal(x, 0);
  return where(atZero, 0, sqrt(where(atZero, 1, x)));
}

/**
 * Standard deviation over axes (absent: all): √(mean (x − mean x)²), divided by n and not by n − 1. Where all elements are equal its derivatives are 0.
 * @throws on an axis that x does not have
 */
export function std(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  return rootOf(variance(valueOf("std", x), axis, { keepdims: keepsDims("std", options) }));
}

/** Largest less smallest element over axes (absent: all). @throws on an axis that x does not have, or an empty one */
export function ptp(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  const v = valueOf("ptp", x);
  const kept = { keepdims: keepsDims("ptp", options) };
  return max(v, axis, kept).sub(min(v, axis, kept));
}

/** Floating point numbers sorted along a last axis, into which the axes are laid. */
function lines(who: string, given: Operand, axis: Axes): { readonly sorted: Value; readonly kept: readonly number[] } {
  const v = valueOf(who, given);
  const x = isFloat(v) ? v : convert(v, workingPrecision());
  const axes = normalizeAxes(who, x, axis);
  const rest = x.shape.map((_, i) => i).filter(i => !axes.includes(i));
  const n = sizeOf(axes.map(a => x.shape[a]));
  if (n === 0) fail(who, "needs at least one element", showType(x));
  const laid = reshape(transpose(x, [...rest, ...axes]), [...rest.map(i => x.shape[i]), n]);
  return { sorted: sort(laid, -1), kept: x.shape.map((d, i) => (axes.includes(i) ? 1 : d)) };
}

/** The element at a place along the last axis. */
const element = (x: Value, place: number): Value => slice(x, ...x.shape.map((_, i) => (i === x.ndim - 1 ? place : null)));

/** The quantile of sorted lines: between two elements in proportion. */
function between(sorted: Value, q: number): Value {
  const n = sorted.shape[sorted.ndim - 1];
  const place = q * (n - 1);
  const low = Math.floor(place);
  const a = element(sorted, low);
  const y =
    place === low
      ? a
      : a.add(
          element(sorted, low + 1)
            .sub(a)
            .mul(place - low),
        );
  // NaN is sorted to the end.
  const last = element(sorted, n - 1);
  return where(isNaN(last), last, y);
}

/**
 * Quantiles over axes (absent: all), between two elements in proportion as NumPy's `linear`: with the elements sorted, that at place q (n − 1). NaN where an element
 * is. The derivative goes to the two elements.
 * @param q from 0 to 1; a list gives one result each, along a new first axis
 * @throws on another q, on an axis that x does not have, or an empty one
 */
export function quantile(x: Operand, q: number | readonly number[], axis?: Axes, options?: ReduceOptions): Value {
  return quantiles("quantile", x, q, axis, options);
}

function quantiles(who: string, x: Operand, q: number | readonly number[], axis: Axes, options: ReduceOptions | undefined): Value {
  const keepdims = keepsDims(who, options);
  const all: readonly number[] = typeof q === "number" ? [q] : q;
  const isList = Array.isArray(q) ? q.length > 0 : typeof q === "number";
  if (!isList || !all.every(p => typeof p === "number" && p >= 0 && p <= 1))
    fail(who, "takes numbers q from 0 to 1, one or a list", isList ? all.map(String).join(", ") : String(q));
  const { sorted, kept } = lines(who, x, axis);
  const shaped = (y: Value) => (keepdims ? reshape(y, kept) : y);
  const results = all.map(p => shaped(between(sorted, p)));
  return typeof q === "number" ? results[0] : stack(results);
}

/**
 * Median over axes (absent: all): the middle element, or the mean of the two in the middle; NaN where an element is.
 * @throws on an axis that x does not have, or an empty one
 */
export function median(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  return quantiles("median", x, 0.5, axis, options);
}
