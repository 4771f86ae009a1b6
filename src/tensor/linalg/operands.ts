import { fail } from "../error.js";
import { convert, lift, numericDType } from "../np/promote.js";
import { workingPrecision } from "../precision.js";
import { showType } from "../types.js";
import type { Operand, Value } from "../value.js";

/** Values in one floating point dtype. @throws on anything but values and constants */
export function floating(who: string, values: readonly Operand[]): Value[] {
  const common = numericDType(who, values),
    dtype = common === "int32" ? workingPrecision() : common;
  return values.map(v => convert(lift(who, v, dtype), dtype));
}

/** Square matrices [.., n, n]. @throws on anything else */
export function square(who: string, a: Value): Value {
  const n = a.ndim;
  return n >= 2 && a.shape[n - 1] === a.shape[n - 2] ? a : fail(who, "takes square matrices [.., n, n]", showType(a));
}
