import { valueOf } from "../np/promote.js";
import { fail } from "../error.js";
import * as np from "../np/index.js";
import { bernoulli } from "../random.js";
import { wordsOf } from "../random/words.js";
import type { Operand, Value } from "../value.js";

/**
 * Dropout: each element becomes 0 with the probability `rate`, else it is divided by 1 − rate, so that the mean stays.
 *
 * Programs draw nothing themselves: the key is data of the task, and a run repeats. One key gives one mask: `random.foldIn(key, step)` is the
 * key of a step, and under `vmap` each lane needs a key of its own.
 * @param rate in [0, 1)
 * @param key int32[2]
 * @throws on another rate, or anything but a key
 */
export function dropout(x: Operand, rate: number, key: Value): Value {
  x = valueOf("dropout", x);
  if (!(rate >= 0 && rate < 1)) fail("dropout", "takes a rate in [0, 1)", `${rate}`);
  wordsOf("dropout", key);
  return np.where(bernoulli(key, 1 - rate, x.shape), x.div(1 - rate), 0);
}
