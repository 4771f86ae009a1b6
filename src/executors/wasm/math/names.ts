import type { ElementaryFunction } from "../../../compiler/math/index.js";
import type { FloatType } from "../../../tensor/types.js";

/** The elementary functions, one that gives the sigmoids of x and −x, and what they call. */
export type MathFunction = ElementaryFunction | "sigmoids" | "payneHanek" | "twoOverPi";

/** The module's index of a function that another one calls; it must not change afterwards. */
export type Require = (name: MathFunction, dtype: FloatType) => number;
