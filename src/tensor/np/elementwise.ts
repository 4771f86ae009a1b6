import { apply } from "../operation.js";
import { workingPrecision } from "../precision.js";
import type { Operand, Value } from "../value.js";
import { numericDType, promote } from "./promote.js";

type Binary = "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum";
const binary = (op: Binary, x: Operand, y: Operand, who: string = op) => apply(op, promote(who, [x, y]), {});

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
  const dtype = numericDType("divide", [x, y]);
  return apply("divide", promote("divide", [x, y], dtype === "int32" ? workingPrecision() : dtype), {});
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
export function clip(x: Value, low: Operand, high: Operand): Value {
  return binary("minimum", binary("maximum", x, low, "clip"), high, "clip");
}

/** x², by multiplication. */
export function square(x: Value): Value {
  return multiply(x, x);
}
