import { fail } from "../error.js";
import { apply } from "../operation.js";
import { showType } from "../types.js";
import { lift } from "./promote.js";
import type { Operand, Value } from "../value.js";
import { reshape } from "./shape.js";

/** Elements at integer positions along an axis (absent: of the flattened array). Positions outside are clamped. */
export function take(x: Value, indices: Operand, axis?: number): Value {
  const i = lift("take", indices, "int32");
  if (i.dtype !== "int32") fail("take", "takes int32 positions", showType(i));
  if (axis === undefined) return apply("take", [reshape(x, [-1]), i], { axis: 0 });
  return apply("take", [x, i], { axis: axis < 0 ? axis + x.ndim : axis });
}
