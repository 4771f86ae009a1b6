import type { Operand, Value } from "../value.js";
import { divide } from "./elementwise.js";
import { cos, log, sin } from "./functions.js";
import { normalizeAxis } from "./axes.js";
import { valueOf } from "./promote.js";
import { transpose } from "./shape.js";

/** The logarithm to the base 2, log x / log 2. */
export function log2(x: Operand): Value {
  return log(x).div(Math.LN2);
}
/** The logarithm to the base 10, log x / log 10. */
export function log10(x: Operand): Value {
  return log(x).div(Math.LN10);
}
/** tan x = sin x / cos x, x in radians. */
export function tan(x: Operand): Value {
  return divide(sin(x), cos(x));
}

/** Exchanges two axes. @throws on an axis that x does not have */
export function swapaxes(x: Operand, first: number, second: number): Value {
  const v = valueOf("swapaxes", x);
  const [a, b] = [normalizeAxis("swapaxes", v, first), normalizeAxis("swapaxes", v, second)];
  return transpose(
    v,
    v.shape.map((_, i) => (i === a ? b : i === b ? a : i)),
  );
}
