import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import { convert } from "../np/promote.js";
import { isFloat, evaluateUnary } from "./elementwise.js";

const toInt32 = (x: number) => (Number.isNaN(x) ? 0 : Math.max(-2147483648, Math.min(2147483647, Math.trunc(x))));

/** Conversion of the elements; the derivative passes between floating point types only. */
export const cast: Operation<"cast"> = {
  type: ([x], _, wanted) => ({ shape: x.shape, dtype: wanted?.dtype ?? x.dtype }),
  pullback: (y, g) => [isFloat(y.inputs[0]) && isFloat(y) ? convert(g, y.inputs[0].dtype) : null],
  pushforward: (y, [t]) => (t && isFloat(y) ? convert(t, y.dtype) : null),
  batch: (y, [x]) => apply("cast", [x], {}, { dtype: y.dtype }),
  evaluate: ([x], y) => evaluateUnary(x.data, y, y.dtype === "bool" ? v => +(v !== 0) : y.dtype === "int32" ? toInt32 : v => v),
};
