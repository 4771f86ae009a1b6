import type { ElementaryFunction } from "../../../compiler/math/index.js";
import { arityOf, formulas } from "../../../compiler/math/index.js";
import { sigmoids } from "../../../compiler/math/logistic.js";
import type { FloatType } from "../../../tensor/types.js";
import { FunctionBuilder, type Local } from "../assembler.js";
import { WasmLanes } from "./lanes.js";
import type { MathFunction, Require } from "./names.js";
import { payneHanek, twoOverPi } from "./payne-hanek.js";

export type { MathFunction, Require } from "./names.js";

/**
 * Writes the code of a function where it is used, without a call: constants then leave the loop around it, and float32 exp
 * is twice as fast. The same bits as the function itself.
 * @param args four float32 or two float64 each; they are not changed
 * @param require gives the module's index of a function that this one calls
 * @returns a local with the result, which the caller may release
 */
export function emitMath(f: FunctionBuilder, name: ElementaryFunction, dtype: FloatType, args: readonly Local[], require: Require): Local {
  const lanes = new WasmLanes(f, dtype, require);
  const [x, y = x] = args;
  const result = formulas[name](lanes, x, y);
  lanes.releaseAllBut(result);
  return result;
}

/** The same for the sigmoids of x and −x, with one exponential. */
export function emitSigmoids(f: FunctionBuilder, dtype: FloatType, x: Local, require: Require): readonly [Local, Local] {
  const lanes = new WasmLanes(f, dtype, require),
    pair = sigmoids(lanes, x);
  lanes.releaseAllBut(...pair);
  return pair;
}

/**
 * A function of four float32 or two float64, (v128) → (v128) or (v128, v128) → (v128), lane by lane: within two ulp, NaN always the canonical quiet
 * one, a lane's bits independent of the other lanes (docs/numerics.md).
 * @param require gives the module's index of a function that this one calls; called while building
 */
export function buildMath(name: MathFunction, dtype: FloatType, require: Require): FunctionBuilder {
  switch (name) {
    case "payneHanek":
      return payneHanek(require);
    case "twoOverPi":
      return twoOverPi();
    case "sigmoids": {
      const f = new FunctionBuilder(`sigmoids.${dtype}`, ["v128"], ["v128", "v128"]),
        [x] = f.parameters;
      for (const result of emitSigmoids(f, dtype, x, require)) f.get(result);
      return f;
    }
    default: {
      const f = new FunctionBuilder(`${name}.${dtype}`, new Array<"v128">(arityOf(name)).fill("v128"), ["v128"]);
      return f.get(emitMath(f, name, dtype, f.parameters, require));
    }
  }
}
