export { adam, adamw, type AdamOptions, type AdamState, type AdamWOptions } from "./adam.js";
export { momentum, nesterov, sgd, type DescentOptions, type MomentumOptions } from "./descent.js";
export type { PerArray, Scalar } from "./hyperparameter.js";
export { define, type InnerOptimizer, type OptimizerParts } from "./optimizer.js";
export { rmsprop, type RmspropOptions, type RmspropState } from "./rmsprop.js";
