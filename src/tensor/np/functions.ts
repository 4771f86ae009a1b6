import type { ElementaryUnaryPrimitives } from "../../program/program.js";
import { apply } from "../operation.js";
import { workingPrecision } from "../precision.js";
import type { Operand, Value } from "../value.js";
import { convert, lift } from "./promote.js";

/** Functions that integers do not stay integers under. */
type FloatFunction = keyof ElementaryUnaryPrimitives | "sqrt" | "floor";
const function1 = (op: FloatFunction, x: Operand): Value => {
  const v = lift(op, x, workingPrecision());
  return apply(op, [v.dtype === "int32" || v.dtype === "bool" ? convert(v, workingPrecision()) : v], {});
};
const numeric = (op: "negative" | "abs" | "sign", x: Operand): Value => {
  const v = lift(op, x, workingPrecision());
  return apply(op, [v.dtype === "bool" ? convert(v, workingPrecision()) : v], {});
};

/** −x. */
export function negative(x: Operand): Value {
  return numeric("negative", x);
}
/** |x|; the derivative at 0 is 0. */
export function abs(x: Operand): Value {
  return numeric("abs", x);
}
/** −1, 0 or 1; the derivative is 0 everywhere. */
export function sign(x: Operand): Value {
  return numeric("sign", x);
}
/** The largest whole number that is not above x; the derivative is 0 everywhere. */
export function floor(x: Operand): Value {
  return function1("floor", x);
}
/** √x; the derivative at 0 is infinite. */
export function sqrt(x: Operand): Value {
  return function1("sqrt", x);
}
/** eˣ. */
export function exp(x: Operand): Value {
  return function1("exp", x);
}
/** eˣ − 1, accurate near 0. */
export function expm1(x: Operand): Value {
  return function1("expm1", x);
}
/** The natural logarithm. */
export function log(x: Operand): Value {
  return function1("log", x);
}
/** log(1 + x), accurate near 0. */
export function log1p(x: Operand): Value {
  return function1("log1p", x);
}
/** sin x, x in radians. */
export function sin(x: Operand): Value {
  return function1("sin", x);
}
/** cos x, x in radians. */
export function cos(x: Operand): Value {
  return function1("cos", x);
}
/** The angle between −π/2 and π/2 whose tangent is x. */
export function atan(x: Operand): Value {
  return function1("atan", x);
}
/** The angle between −π/2 and π/2 whose sine is x; NaN outside of −1 … 1, and the derivative at ±1 is infinite. */
export function asin(x: Operand): Value {
  return function1("asin", x);
}
/** The angle between 0 and π whose cosine is x; NaN outside of −1 … 1, and the derivative at ±1 is infinite. */
export function acos(x: Operand): Value {
  return function1("acos", x);
}
/** sinh x = (eˣ − e⁻ˣ) / 2. */
export function sinh(x: Operand): Value {
  return function1("sinh", x);
}
/** cosh x = (eˣ + e⁻ˣ) / 2. */
export function cosh(x: Operand): Value {
  return function1("cosh", x);
}
/** tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
export function tanh(x: Operand): Value {
  return function1("tanh", x);
}
/** The error function 2/√π ∫₀ˣ e^{−t²} dt. */
export function erf(x: Operand): Value {
  return function1("erf", x);
}
/** 1 / (1 + e^{−x}), without overflow. */
export function sigmoid(x: Operand): Value {
  return function1("sigmoid", x);
}
/** log(1 + eˣ), without overflow. */
export function softplus(x: Operand): Value {
  return function1("softplus", x);
}
