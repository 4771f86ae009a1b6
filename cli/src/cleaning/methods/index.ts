import { fail } from "ufom/internal/tensor/error";
import type { KeysOf } from "ufom/internal/tensor/options";
import { checkOptions } from "ufom/internal/tensor/options";
import { prunings } from "../confident-joint.js";
import { confidentLearning } from "./confident-learning.js";
import type { ConfidentLearningOptions } from "./confident-learning.js";
import { disagreement } from "./disagreement.js";
import { hyperCleaning } from "./hyper-cleaning.js";
import type { HyperCleaningOptions } from "./hyper-cleaning.js";
import { loss } from "./loss.js";
import type { Method } from "./method.js";
import { transition } from "./transition.js";

/** Options of all methods; each reads its own. */
export type MethodOptions = ConfidentLearningOptions & HyperCleaningOptions;

const defaultOptions: MethodOptions = { prune: "noise-rate", estimator: "exact" };

/** The one list of methods; `auto` combines them. */
export const methods: readonly Method<MethodOptions>[] = [disagreement, loss, confidentLearning, transition, hyperCleaning];

export const methodNames: readonly string[] = ["auto", ...methods.map(({ name }) => name)];

const keys: KeysOf<Partial<MethodOptions>> = { prune: true, estimator: true, innerSteps: true, outerSteps: true };

/** All options, those not given as usual. @throws UfomError on an option that there is not, or a value that cannot be meant */
export function methodOptions(given: Partial<MethodOptions>): MethodOptions {
  const options = { ...defaultOptions, ...checkOptions("clean", given, keys) };
  if (!prunings.includes(options.prune)) fail("clean's prune", `must be one of ${prunings.join(", ")}`, JSON.stringify(options.prune));
  for (const name of ["innerSteps", "outerSteps"] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      fail(`clean's ${name}`, "must be a whole number of at least 1", `${value}`);
  }
  return options;
}
