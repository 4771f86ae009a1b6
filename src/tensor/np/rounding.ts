import { fail } from "../error.js";
import { apply } from "../operation.js";
import { workingPrecision } from "../precision.js";
import type { Operand, Value } from "../value.js";
import { abs, floor, sign } from "./functions.js";
import { equal, less, logicalAnd, where } from "./logic.js";
import { convert, numericDType, promote, valueOf } from "./promote.js";

const constant = (x: Value): Value => apply("stopGradient", [x], {});

/** The smallest whole number that is not below x; the derivative is 0 everywhere. */
export function ceil(x: Operand): Value {
  return floor(valueOf("ceil", x).neg()).neg();
}
/** x without what stands behind the point: towards 0; the derivative is 0 everywhere. */
export function trunc(x: Operand): Value {
  const v = valueOf("trunc", x);
  return sign(v).mul(floor(abs(v)));
}

/** The nearest whole number, of two the even one. The sum of a number below 2ᵖ and 2ᵖ is rounded just so. */
function nearest(x: Value): Value {
  const size = abs(x);
  const shift = x.dtype === "float64" ? 2 ** 52 : 2 ** 23;
  return sign(x).mul(where(less(size, shift), size.add(shift).sub(shift), size));
}

/**
 * The nearest number with so many decimals, of two the even one, as NumPy: 0.5 and 2.5 give 0 and 2; negative `decimals` round to tens and
 * hundreds. The derivative is 0 everywhere; integers stay as they are without decimals. @throws unless decimals is a whole number from −30 to 30
 */
export function round(x: Operand, decimals = 0): Value {
  if (!(Number.isInteger(decimals) && Math.abs(decimals) <= 30))
    fail("round", "takes a whole number of decimals, from −30 to 30", `${decimals}`);
  const given = valueOf("round", x);
  if (given.dtype === "int32" && decimals >= 0) return given;
  const v = constant(given.dtype === "int32" || given.dtype === "bool" ? convert(given, workingPrecision()) : given);
  const scale = Number(`1e${Math.abs(decimals)}`);
  if (decimals === 0) return nearest(v);
  return decimals > 0 ? nearest(v.mul(scale)).div(scale) : nearest(v.div(scale)).mul(scale);
}

/** High and low half of the digits of x: x = high + low, products of halves are exact. */
function halves(x: Value): readonly [Value, Value] {
  const wide = x.mul(x.dtype === "float64" ? 2 ** 27 + 1 : 2 ** 12 + 1);
  const high = wide.sub(wide.sub(x));
  return [high, x.sub(high)];
}

/** What the rounded product of a and b lacks. T. J. Dekker, "A floating-point technique for extending the available precision", 1971. */
function lacking(product: Value, a: Value, b: Value): Value {
  const [a1, a0] = halves(a);
  const [b1, b0] = halves(b);
  return a1.mul(b1).sub(product).add(a1.mul(b0)).add(a0.mul(b1)).add(a0.mul(b0));
}

/** x mod y of floating point numbers: x − ⌊x/y⌋ y, of which no digit is lost as long as the quotient is exact as a whole number. */
function remainder(x: Value, y: Value): Value {
  const quotient = constant(floor(x.div(y)));
  const product = quotient.mul(y);
  const rest = x.sub(product).sub(constant(lacking(product, quotient, y)));
  // x below an infinite y is what is left of itself.
  const whole = logicalAnd(equal(abs(y), Infinity), less(abs(x), Infinity));
  const left = where(whole, x, rest);
  // A quotient that was rounded up to the next whole number leaves less than nothing.
  return left.add(where(less(constant(left).mul(sign(y)), 0), y, 0));
}

/**
 * What is left of x divided by y, broadcast, with the sign of y as NumPy's `mod` and Python's `%`: x − ⌊x/y⌋ y. −7 mod 3 is 2. Exact up to one rounding where
 * |x/y| < 2²⁴ (float32) or 2⁵³ (float64). The derivative is 1 for x and −⌊x/y⌋ for y. Integers stay integers, and mod 0 they are 0; floats mod 0 are NaN.
 */
export function mod(x: Operand, y: Operand): Value {
  const dtype = numericDType("mod", [x, y]);
  if (dtype !== "int32") return remainder(...(promote("mod", [x, y], dtype) as [Value, Value]));
  const [a, b] = promote("mod", [x, y], dtype).map(v => convert(v, "float64"));
  return convert(a.sub(floor(a.div(b)).mul(b)), "int32");
}
