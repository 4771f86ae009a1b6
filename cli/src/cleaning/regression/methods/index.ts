import { fail } from "ufom/internal/tensor/error";
import type { KeysOf } from "ufom/internal/tensor/options";
import { checkOptions } from "ufom/internal/tensor/options";
import { hyperCleaning } from "./hyper-cleaning.js";
import type { HyperCleaningOptions } from "./hyper-cleaning.js";
import type { ValueMethod } from "./method.js";
import { noiseModel } from "./noise-model.js";
import { residual } from "./residual.js";

/** Options of all methods; each reads its own. */
export type ValueOptions = HyperCleaningOptions;

const keys: KeysOf<ValueOptions> = { estimator: true, innerSteps: true, outerSteps: true };

/** All options, those not given as usual. @throws UfomError on an option that there is not, or a value that cannot be meant */
export function valueOptions(given: Partial<ValueOptions> = {}): ValueOptions {
  const options = { estimator: "exact", ...checkOptions("clean", given, keys) };
  for (const name of ["innerSteps", "outerSteps"] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      fail(`clean's ${name}`, "must be a whole number of at least 1", `${value}`);
  }
  return options;
}

/** The one list of methods for numbers; `auto` chooses among them. */
export const valueMethods: readonly ValueMethod<ValueOptions>[] = [residual, noiseModel, hyperCleaning];

export const valueMethodNames: readonly string[] = ["auto", ...valueMethods.map(({ name }) => name)];
