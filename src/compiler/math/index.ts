import type { ElementaryPrimitives } from "../../program/program.js";
import { typingRules } from "../../program/typing.js";
import { erf } from "./error-function.js";
import { exp, expm1, tanh } from "./exponential.js";
import { cosh, sinh } from "./hyperbolic.js";
import { acos, asin, atan, atan2 } from "./inverse-trigonometric.js";
import type { Lanes } from "./lanes.js";
import { log, log1p } from "./logarithm.js";
import { sigmoid, softplus } from "./logistic.js";
import { cos, sin } from "./trigonometric.js";

export type ElementaryFunction = keyof ElementaryPrimitives;

/** Writes the code of a function of one or two numbers; the arguments are not changed. */
export type Formula = <V>(l: Lanes<V>, x: V, y: V) => V;

/** The elementary functions, one formula each for all machines; a missing one does not compile. */
export const formulas: { readonly [F in ElementaryFunction]: Formula } = {
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tanh,
  erf,
  sigmoid,
  softplus,
  atan,
  atan2,
  asin,
  acos,
  sinh,
  cosh,
};

/** How many numbers a function is of. */
export const arityOf = (name: ElementaryFunction): number => typingRules[name].operands as number;

export const elementaryFunctions = Object.keys(formulas) as readonly ElementaryFunction[];
