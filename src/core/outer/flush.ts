import * as np from "../../tensor/np/index.js";
import type { Value } from "../../tensor/value.js";

/** The smallest normal numbers. */
const smallest: Readonly<Record<string, number>> = { float32: 2 ** -126, float64: 2 ** -1022 };

/**
 * x, with 0 for numbers below the smallest normal one. An average of gradients that have become zero shrinks by a factor a step; once it is
 * subnormal, every operation on it takes processors a hundred times as long.
 */
export const flushed = (x: Value): Value => np.where(x.abs().less(smallest[x.dtype]), np.zerosLike(x), x);
