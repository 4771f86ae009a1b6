export type { Arrays, ArraysAt, Bias, Choice, Costs, Data, Estimator, Evaluated, Facts, LeafBuffers, Seen } from "./estimator.js";
export { certain } from "./estimator.js";
export type { EvolutionOptions } from "./evolution.js";
export { evolutionStrategies } from "./evolution.js";
export { exact } from "./exact.js";
export type { FirstOrderOptions } from "./first-order.js";
export { firstOrder } from "./first-order.js";
export type { ForwardOptions } from "./forward.js";
export { forward } from "./forward.js";
export type { HeadOptions } from "./head.js";
export { head } from "./head.js";
export type { ImplicitOptions } from "./implicit.js";
export { implicit } from "./implicit.js";
export type { AdaptiveStepsOptions, LearnedStepsOptions } from "./learned-step-probabilities.js";
export { adaptiveSteps, optimalSteps } from "./learned-step-probabilities.js";
export { estimatorSpellings, parseEstimator } from "./parse.js";
export type {
  AdaptiveOptions,
  CostMeasure,
  MomentOptions,
  MomentState,
  OptimalOptions,
  Probability,
  ProbabilitySample,
} from "./probability.js";
export { adaptive, fixed, optimal } from "./probability.js";
export type { AsReleasedOptions } from "./probability-as-released.js";
export { adaptiveAsReleased } from "./probability-as-released.js";
export { reptile } from "./reptile.js";
export { soba } from "./soba.js";
export type { SweepEstimator, SweepParts } from "./sweep-estimator.js";
export { sweepEstimator } from "./sweep-estimator.js";
export type { EstimatorSpelling } from "./spelling.js";
export type { StepwiseMoments } from "./step-moments.js";
export type { EvenOptions, StepProbabilities, StepVisit, StepwiseSample } from "./step-probabilities.js";
export { evenSteps, fixedSteps } from "./step-probabilities.js";
export type { StepwiseChoice, StepwiseState } from "./stepwise.js";
export { stepwise } from "./stepwise.js";
export { truncated } from "./truncated.js";
export type { BaselineScale } from "./ufom-scale.js";
export type { UfomOptions } from "./ufom.js";
export { ufom } from "./ufom.js";
export { zero } from "./zero.js";
