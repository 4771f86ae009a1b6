import { hyperCleaning } from "./hyper-cleaning.js";
import type { HyperCleaningOptions } from "./hyper-cleaning.js";
import type { ValueMethod } from "./method.js";
import { noiseModel } from "./noise-model.js";
import { residual } from "./residual.js";

/** Options of all methods; each reads its own. */
export type ValueOptions = HyperCleaningOptions;

/** What holds where nothing is said. */
export const usualOptions: ValueOptions = { estimator: "exact" };

/** The one list of methods for numbers; `auto` chooses among them. */
export const valueMethods: readonly ValueMethod<ValueOptions>[] = [residual, noiseModel, hyperCleaning];

export const valueMethodNames: readonly string[] = ["auto", ...valueMethods.map(({ name }) => name)];
