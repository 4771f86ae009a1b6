import { apply } from "../operation.js";
import { workingPrecision } from "../precision.js";
import { isFloat } from "../types.js";
import type { Axes, Operand, ReduceOptions, Value } from "../value.js";
import { keepsDims, normalizeAxes } from "./axes.js";
import { convert, valueOf } from "./promote.js";
import { reshape } from "./shape.js";

function reduce(op: "sum" | "max" | "min", given: Operand, axis: Axes, options?: ReduceOptions): Value {
  const keepdims = keepsDims(op, options);
  const operand = valueOf(op, given);
  const x = operand.dtype === "bool" ? convert(operand, workingPrecision()) : operand;
  const axes = normalizeAxes(op, x, axis);
  const y = axes.length ? apply(op, [x], { axes }) : x;
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  return keepdims ? reshape(y, kept) : y;
}

/** Sum over axes (absent: all); truth values count as 0 and 1 in the working precision, and sums of int32 are int32, modulo 2³². @throws on an axis that x does not have */
export function sum(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  return reduce("sum", x, axis, options);
}
/** Largest element over axes (absent: all); tied elements share the derivative. @throws on an axis that x does not have, or an empty one */
export function max(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  return reduce("max", x, axis, options);
}
/** Smallest element over axes (absent: all); tied elements share the derivative. @throws on an axis that x does not have, or an empty one */
export function min(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  return reduce("min", x, axis, options);
}

/** Integers and truth values as floating point numbers of the working precision: what is averaged, since sums of integers wrap at 2³¹. */
const averaged = (x: Value): Value => (isFloat(x) ? x : convert(x, workingPrecision()));

/** Mean over axes (absent: all): Σ x / n; integers are summed in the working precision, too. @throws on an axis that x does not have */
export function mean(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  const keepdims = keepsDims("mean", options);
  x = valueOf("mean", x);
  const { shape } = x;
  const n = normalizeAxes("mean", x, axis).reduce((k, a) => k * shape[a], 1);
  return sum(averaged(x), axis, { keepdims }).div(n);
}

/** Variance over axes (absent: all): mean (x − mean x)², divided by n and not by n − 1. @throws on an axis that x does not have */
export function variance(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  const keepdims = keepsDims("variance", options);
  const numbers = averaged(valueOf("variance", x));
  const centred = numbers.sub(mean(numbers, axis, { keepdims: true }));
  return mean(centred.mul(centred), axis, { keepdims });
}
