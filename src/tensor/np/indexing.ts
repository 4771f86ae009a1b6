import { fail } from "../error.js";
import { apply } from "../operation.js";
import { showType } from "../types.js";
import type { Operand, Value } from "../value.js";
import { normalizeAxis } from "./axes.js";
import { lift } from "./promote.js";
import { reshape } from "./shape.js";

/**
 * Elements at int32 positions of any shape along an axis (absent: of the flattened array): the axis is replaced by the positions' shape.
 * Positions outside are clamped to the axis: −1 is 0, not the last. @throws on positions that are not int32, or an empty axis
 */
export function take(x: Value, indices: Operand, axis?: number): Value {
  const i = lift("take", indices, "int32");
  if (i.dtype !== "int32") fail("take", "takes int32 positions", showType(i));
  if (axis === undefined) return apply("take", [reshape(x, [x.size]), i], { axis: 0 });
  return apply("take", [x, i], { axis: normalizeAxis("take", x, axis) });
}
