import type { Type } from "../../tensor/types.js";
import type { Formula } from "../evaluation/machine.js";

/** The number of steps done. */
export const count: Type = { shape: [], dtype: "int32" };

/** x ↦ x, in another place. */
export const copy: Formula = { name: "copy", of: xs => [...xs] };

/** The loss in float64, as transforms take it. */
export const inFloat64: Formula = { name: "loss in float64", of: ([loss]) => [loss.astype("float64")] };
