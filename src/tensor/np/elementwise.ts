import { fail } from "../error.js";
import { apply } from "../operation.js";
import type { Operand, Value } from "../value.js";
import { onesLike } from "./create.js";
import { promote } from "./promote.js";

type Binary = "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum";
const binary = (op: Binary, x: Operand, y: Operand) => apply(op, promote(op, [x, y]), {});

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
  const [a, b] = promote("divide", [x, y]);
  return a.dtype === "int32"
    ? apply(
        "divide",
        promote(
          "divide",
          [a, b].map(v => v.astype("float32")),
        ),
        {},
      )
    : apply("divide", [a, b], {});
}
/** The larger of x and y; where they are equal the derivative is shared. */
export function maximum(x: Operand, y: Operand): Value {
  return binary("maximum", x, y);
}
/** The smaller of x and y; where they are equal the derivative is shared. */
export function minimum(x: Operand, y: Operand): Value {
  return binary("minimum", x, y);
}
/** x kept within [low, high]. */
export function clip(x: Value, low: Operand, high: Operand): Value {
  return minimum(maximum(x, low), high);
}

/** x², by multiplication. */
export function square(x: Value): Value {
  return multiply(x, x);
}

/** xⁿ for a whole n, by repeated multiplication (so that powers of negative numbers and derivatives at 0 are right). @throws if n is not whole */
export function power(x: Value, n: number): Value {
  if (!Number.isInteger(n)) fail("power", "takes a whole exponent", `${n}`);
  if (n < 0) return divide(1, power(x, -n));
  if (n === 0) return onesLike(x);
  const root = power(x, Math.floor(n / 2)),
    even = n === 1 ? x : multiply(root, root);
  return n > 1 && n % 2 ? multiply(even, x) : even;
}
