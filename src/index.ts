// The language of problems.
export * as np from "./tensor/np/index.js";
export * as nn from "./tensor/nn.js";
export * as lax from "./tensor/lax.js";
export * as linalg from "./tensor/linalg.js";
export * as random from "./tensor/random.js";
export * as tree from "./tensor/tree-functions.js";
export { customGradient } from "./tensor/custom-gradient.js";
export { grad, jvp, stopGradient, valueAndGrad, vjp, vmap } from "./tensor/transform.js";
export { f32, f64, full, i32, zeros } from "./tensor/host.js";
export { UfomError } from "./tensor/error.js";
export { Value } from "./tensor/value.js";
export type { Traced, ValueTree } from "./tensor/tree.js";
export type { DType, FloatType, HostArray, HostTree, Shape, TreeOf } from "./tensor/types.js";

// Problems and their gradients.
export { hypergradient, solve } from "./api.js";
export type { ExecutorOption } from "./api.js";
export { defineProblem, isProblem } from "./core/problem/problem.js";
export type { Problem } from "./core/problem/problem.js";
export type { OptionsOf, ProblemOption, ProblemOptions } from "./core/problem/module-options.js";
export { sampled } from "./core/problem/sampled.js";
export type { Hosted, SampledTask } from "./core/problem/sampled.js";
export type { ProblemSpec, Rate as InnerRate } from "./core/problem/spec.js";
export type { Hypergradient, HypergradientOptions } from "./core/solve/hypergradient.js";
export type { Budget, Solve, SolveOptions } from "./core/solve/options.js";
export type { Outcome, SolveResult, SolveStep } from "./core/solve/result.js";
export type { Checkpoint } from "./core/solve/checkpoint.js";
export { stream } from "./core/random/index.js";
export type { Random } from "./core/random/index.js";

// Estimators, and how the exact one gets its states.
export {
  adaptive,
  evolutionStrategies,
  exact,
  firstOrder,
  fixed,
  forward,
  implicit,
  optimal,
  parseEstimator,
  soba,
  truncated,
  ufom,
} from "./core/estimators/index.js";
export type {
  Arrays,
  Choice,
  Costs,
  Data,
  Estimator,
  Evaluated,
  Facts,
  ForwardOptions,
  ImplicitOptions,
  Probability,
  ProbabilitySample,
  Seen,
} from "./core/estimators/index.js";
export type { Estimate } from "./core/batch/estimate.js";
export type { Counts } from "./core/counts.js";
export { checkpoint, recompute, store } from "./core/memory/index.js";
export type { MemoryStrategy } from "./core/memory/index.js";

// What an estimator of one's own is made of: docs/own-estimator.md.
export { certain, sweepEstimator } from "./core/estimators/index.js";
export type { ArraysAt, Bias, LeafBuffers, SweepEstimator, SweepParts } from "./core/estimators/index.js";
export * as definitions from "./core/problem/named-definitions.js";
export type { Definition, Like, ProblemFunctions } from "./core/problem/definitions.js";
export type { InnerState } from "./core/problem/functions.js";
export type { DefinedProgram, ProblemPrograms } from "./core/problem/programs.js";
export type { CompiledProblem } from "./core/evaluation/compiled-problem.js";
export type { Formula, Machine, State } from "./core/evaluation/machine.js";
export type { Place, ThetaBuffers } from "./core/evaluation/place.js";
export { accumulate } from "./core/unroll/pass.js";
export type { Sweep, SweepIterator } from "./core/unroll/pass.js";
export { mixedSweep, reverseSweep } from "./core/unroll/sweeps.js";

// Outer transforms and schedules.
export {
  adam,
  adamw,
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  clipByValue,
  constant,
  cosine,
  joinSchedules,
  linear,
  momentum,
  parseOuter,
  perLeaf,
  powerDecay,
  reduceOnPlateau,
  sgd,
} from "./core/outer/index.js";
export type { OuterTransform, OuterUpdate, Schedule } from "./core/outer/index.js";

// The theory in closed form.
export {
  biasBound,
  convergenceBound,
  expectedCost,
  momentBound,
  optimalProbability,
  scaledBaseline,
  scaledDifference,
  secondMoment,
  stepCosts,
} from "./core/theory/index.js";

// Executors.
export { chooseExecutor } from "./executors/choose.js";
export { createReferenceExecutor } from "./executors/reference/index.js";
export { createWasmExecutor } from "./executors/wasm/index.js";
export type { Buffer, Executable, Executor } from "./executors/executor.js";
