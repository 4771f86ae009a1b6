import { fail } from "../error.js";
import * as np from "../np/index.js";
import { sameShape, showType } from "../types.js";
import type { Value } from "../value.js";

/**
 * Dropout: elements whose uniform number is below the rate become 0, the others are divided by 1 − rate, so that the mean stays.
 * Programs draw nothing themselves: the numbers are data of the task or of the step, and a run repeats.
 * @param rate in [0, 1)
 * @param uniform numbers in [0, 1), of the shape of x
 * @throws on another rate or shape
 */
export function dropout(x: Value, rate: number, uniform: Value): Value {
  if (!(rate >= 0 && rate < 1)) fail("dropout", "takes a rate in [0, 1)", `${rate}`);
  if (!sameShape(x.shape, uniform.shape)) fail("dropout", `takes uniform numbers of the shape of ${showType(x)}`, showType(uniform));
  return np.where(np.less(uniform, rate), 0, x.div(1 - rate));
}
