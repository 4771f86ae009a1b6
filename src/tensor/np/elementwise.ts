import { apply } from "../operation.js";
import { workingPrecision } from "../precision.js";
import type { Operand, Value } from "../value.js";
import { numericDType, promote } from "./promote.js";

type Binary = "add" | "subtract" | "multiply" | "maximum" | "minimum";
const binary = (op: Binary, x: Operand, y: Operand, who: string = op) => apply(op, promote(who, [x, y]), {});

/** The same for results that integers do not hold. */
function floating(op: "divide" | "atan2", x: Operand, y: Operand): Value {
  const dtype = numericDType(op, [x, y]);
  return apply(op, promote(op, [x, y], dtype === "int32" ? workingPrecision() : dtype), {});
}

/** x + y, broadcast. */
export function add(x: Operand, y: Operand): Value {
  return binary("add", x, y);
}
/** x − y, broadcast. */
export function subtract(x: Operand, y: Operand): Value {
  return binary("subtract", x, y);
}
/** x · y element by element, broadcast. */
export function multiply(x: Operand, y: Operand): Value {
  return binary("multiply", x, y);
}
/** x / y, broadcast; integers divide as floating point numbers. */
export function divide(x: Operand, y: Operand): Value {
  return floating("divide", x, y);
}
/** The angle of the point (x, y), broadcast, from −π to π: that of y/x in the right half-plane. At the origin its derivatives are 0. */
export function atan2(y: Operand, x: Operand): Value {
  return floating("atan2", y, x);
}
/** The larger of x and y; where they are equal the derivative is shared. */
export function maximum(x: Operand, y: Operand): Value {
  return binary("maximum", x, y);
}
/** The smaller of x and y; where they are equal the derivative is shared. */
export function minimum(x: Operand, y: Operand): Value {
  return binary("minimum", x, y);
}
/** x kept within [low, high]: min(max(x, low), high). At a bound half of the derivative goes to x, as ties share. */
export function clip(x: Operand, low: Operand, high: Operand): Value {
  return binary("minimum", binary("maximum", x, low, "clip"), high, "clip");
}

/** x², by multiplication. */
export function square(x: Operand): Value {
  return multiply(x, x);
}
