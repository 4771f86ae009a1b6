import type { FloatType } from "../../tensor/types.js";

/** The elementary functions that exist as functions of four float32 or two float64. */
export type VectorFunction = "exp" | "expm1" | "log" | "log1p" | "sin" | "cos" | "tanh" | "erf" | "sigmoid" | "softplus";

/** These, and what they call. */
export type MathFunction = VectorFunction | "payneHanek" | "twoOverPi";

/** The module's index of a function that another one calls; it must not change afterwards. */
export type Require = (name: MathFunction, dtype: FloatType) => number;
