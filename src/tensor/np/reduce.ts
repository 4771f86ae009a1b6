import { apply } from "../operation.js";
import { workingPrecision } from "../precision.js";
import { isFloat } from "../types.js";
import type { Axes, ReduceOptions, Value } from "../value.js";
import { normalizeAxes } from "./axes.js";
import { convert } from "./promote.js";
import { reshape } from "./shape.js";

function reduce(op: "sum" | "max" | "min", operand: Value, axis: Axes, options: ReduceOptions = {}): Value {
  const x = operand.dtype === "bool" ? convert(operand, workingPrecision()) : operand;
  const axes = normalizeAxes(op, x, axis);
  const y = axes.length ? apply(op, [x], { axes }) : x;
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  return options.keepdims ? reshape(y, kept) : y;
}

/** Sum over axes (absent: all); truth values count as 0 and 1 in the working precision, and sums of int32 are int32, modulo 2³². @throws on an axis that x does not have */
export function sum(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  return reduce("sum", x, axis, options);
}
/** Largest element over axes (absent: all); tied elements share the derivative. @throws on an axis that x does not have, or an empty one */
export function max(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  return reduce("max", x, axis, options);
}
/** Smallest element over axes (absent: all); tied elements share the derivative. @throws on an axis that x does not have, or an empty one */
export function min(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  return reduce("min", x, axis, options);
}

/** Integers and truth values as floating point numbers of the working precision: what is averaged, since sums of integers wrap at 2³¹. */
const averaged = (x: Value): Value => (isFloat(x) ? x : convert(x, workingPrecision()));

/** Mean over axes (absent: all): Σ x / n; integers are summed in the working precision, too. @throws on an axis that x does not have */
export function mean(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  const n = normalizeAxes("mean", x, axis).reduce((k, a) => k * x.shape[a], 1);
  return sum(averaged(x), axis, options).div(n);
}

/** Variance over axes (absent: all): mean (x − mean x)², divided by n and not by n − 1. @throws on an axis that x does not have */
export function variance(x: Value, axis?: Axes, options?: ReduceOptions): Value {
  const numbers = averaged(x);
  const centred = numbers.sub(mean(numbers, axis, { keepdims: true }));
  return mean(centred.mul(centred), axis, options);
}
