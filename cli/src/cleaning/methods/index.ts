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

export const defaultOptions: MethodOptions = { prune: "noise-rate", estimator: "exact", innerSteps: 50, outerSteps: 30 };

/** The one list of methods; `auto` combines them. */
export const methods: readonly Method<MethodOptions>[] = [disagreement, loss, confidentLearning, transition, hyperCleaning];

export const methodNames: readonly string[] = ["auto", ...methods.map(({ name }) => name)];
