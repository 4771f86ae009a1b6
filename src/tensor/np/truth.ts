import { keepsDims } from "./axes.js";
import type { Axes, Operand, ReduceOptions, Value } from "../value.js";
import { abs } from "./functions.js";
import { greater, less, logicalNot, notEqual } from "./logic.js";
import { convert, valueOf } from "./promote.js";
import { sum } from "./reduce.js";

/** Whether x is a number and finite, as bool. */
export function isFinite(x: Operand): Value {
  return less(abs(valueOf("isFinite", x)), Infinity);
}
/** Whether x is NaN, as bool. */
export function isNaN(x: Operand): Value {
  const v = valueOf("isNaN", x);
  return notEqual(v, v);
}

/** How many elements are true. */
const count = (x: Value, axis: Axes, options?: ReduceOptions): Value => sum(convert(convert(x, "bool"), "int32"), axis, options);

/** Whether an element over axes (absent: all) is true, as bool; anything but 0 is true, and of no elements none. @throws on an axis that x does not have */
export function any(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  return greater(count(valueOf("any", x), axis, { keepdims: keepsDims("any", options) }), 0);
}
/** Whether all elements over axes (absent: all) are true, as bool; anything but 0 is true, and no elements are all true. @throws on an axis that x does not have */
export function all(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  return logicalNot(any(logicalNot(valueOf("all", x)), axis, { keepdims: keepsDims("all", options) }));
}
