import * as np from "../../tensor/np/index.js";
import { convert } from "../../tensor/np/promote.js";
import type { Value } from "../../tensor/value.js";

/** A value in float64. */
export const wide = (x: Value): Value => convert(x, "float64");

/** ⟨a, b⟩ over all leaves, in float64. */
export const inner = (a: readonly Value[], b: readonly Value[]): Value =>
  a.reduce((sum, x, i) => sum.add(wide(x).mul(wide(b[i])).sum()), np.zeros([], "float64"));
