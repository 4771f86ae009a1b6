import { workingPrecision } from "../precision.js";
import type { Operand, Value } from "../value.js";
import { onesLike } from "./create.js";
import { divide, multiply } from "./elementwise.js";
import { exp, log } from "./functions.js";
import { equal, less, where } from "./logic.js";
import { lift, numericDType, promote } from "./promote.js";

/** xⁿ by repeated multiplication: log₂ n products. */
function whole(x: Value, n: number): Value {
  if (n < 0) return divide(1, whole(x, -n));
  if (n === 0) return onesLike(x);
  if (n === 1) return x;
  const root = whole(x, Math.floor(n / 2));
  const even = multiply(root, root);
  return n % 2 ? multiply(even, x) : even;
}

/** e^{y log x}, which at x = 0 is 0, 1 or ∞ as y is above, at or below 0: constants, without derivatives. */
function real(x: Value, y: Value): Value {
  const atZero = equal(x, 0);
  // log 0 = −∞ must not be computed: times the zero of the branch not taken it is NaN in a derivative.
  const positive = exp(log(where(atZero, 1, x)).mul(y));
  const limit = where(less(y, 0), Infinity, where(equal(y, 0), 1, y.mul(0)));
  return where(atZero, limit, positive);
}

/**
 * xʸ, broadcast: by repeated multiplication where y is a whole number (right for negative x, and all derivatives are right at 0), else
 * e^{y log x}, which is NaN for negative x. A y that is a value is of the second kind, whatever its numbers and its dtype. At x = 0 the second
 * kind's derivatives are taken as 0. Integers stay integers for whole y ≥ 0 only.
 */
export function power(x: Operand, y: Operand): Value {
  if (Number.isSafeInteger(y)) return whole(lift("power", x, workingPrecision()), y as number);
  const dtype = numericDType("power", [x, y]);
  const [base, exponent] = promote("power", [x, y], dtype === "int32" ? workingPrecision() : dtype);
  return real(base, exponent);
}
