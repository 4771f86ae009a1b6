import type { ElementaryUnaryPrimitives } from "../../program/program.js";
import { erf } from "./error-function.js";
import { exp, expm1, tanh } from "./exponential.js";
import type { Lanes } from "./lanes.js";
import { log, log1p } from "./logarithm.js";
import { sigmoid, softplus } from "./logistic.js";
import { cos, sin } from "./trigonometric.js";

export type ElementaryFunction = keyof ElementaryUnaryPrimitives;

/** Writes the code of a function; the arguments are not changed. */
export type Formula = <V>(l: Lanes<V>, x: V) => V;

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
};

export const elementaryFunctions = Object.keys(formulas) as readonly ElementaryFunction[];
