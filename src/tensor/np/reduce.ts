import { fail } from "../error.js";
import { apply } from "../operation.js";
import { showType } from "../types.js";
import type { Axes, ReduceOptions, Value } from "../value.js";
import { convert } from "./promote.js";
import { workingPrecision } from "../precision.js";
import { reshape } from "./shape.js";

/** Axes as non-negative, ascending numbers. @throws on an axis that x does not have, or one named twice */
export function normalizeAxes(who: string, x: Value, axis: Axes): number[] {
  if (axis === undefined || axis === null) return x.shape.map((_, i) => i);
  const given = typeof axis === "number" ? [axis] : [...axis],
    axes = given.map(a => (a < 0 ? a + x.ndim : a)).sort((a, b) => a - b);
  if (!axes.every((a, i) => Number.isInteger(a) && a >= 0 && a < x.ndim && (i === 0 || a !== axes[i - 1]))) {
    fail(who, `takes different axes of ${showType(x)}`, `[${given.join(", ")}]`);
  }
  return axes;
}

function reduce(op: "sum" | "max" | "min", v: Value, axis: Axes, options: ReduceOptions = {}): Value {
  const x = v.dtype === "bool" ? convert(v, workingPrecision()) : v,
    axes = normalizeAxes(op, x, axis);
  const y = axes.length ? apply(op, [x], { axes }) : x;
  return options.keepdims
    ? reshape(
        y,
        x.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
      )
    : y;
}

/** Sum over axes (absent: all). */
export function sum(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  return reduce("sum", x, axis, options);
}
/** Largest element over axes; tied elements share the derivative. */
export function max(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  return reduce("max", x, axis, options);
}
/** Smallest element over axes; tied elements share the derivative. */
export function min(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  return reduce("min", x, axis, options);
}

/** Mean over axes: the sum divided by the number of elements. */
export function mean(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  const n = normalizeAxes("mean", x, axis).reduce((k, a) => k * x.shape[a], 1);
  return sum(x, axis, options).div(n);
}

/** Mean squared distance from the mean over axes. */
export function variance(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  const centred = x.sub(mean(x, axis, { keepdims: true }));
  return mean(centred.mul(centred), axis, options);
}
