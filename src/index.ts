// The language of problems.
export { initializers, lax, linalg, nn, np, random, tree } from "./tensor/language.js";
export { customGradient } from "./tensor/custom-gradient.js";
export { grad, jvp, stopGradient, valueAndGrad, vjp, vmap } from "./tensor/transform.js";
export { array, f32, f64, full, i32, zeros } from "./tensor/host.js";
export { rows } from "./tensor/rows.js";
export { UfomError } from "./tensor/error.js";
export { Value } from "./tensor/value.js";
export type { Initializer, RandomSource } from "./tensor/initializers.js";
export type { Traced, ValueTree } from "./tensor/tree.js";
export type { DType, FloatType, HostArray, HostTree, Shape, TreeOf } from "./tensor/types.js";

// Problems and their gradients.
export { adapt, diagnose, hypergradient, solve } from "./api.js";
export { evaluate } from "./evaluate.js";
export type { EvaluateOptions, HostedArguments } from "./evaluate.js";
export type { ExecutorOption } from "./executor-option.js";
export { defineProblem, isProblem } from "./core/problem/problem.js";
export type { Problem } from "./core/problem/problem.js";
export { listed } from "./core/problem/listed.js";
export type { ListedTasks } from "./core/problem/listed.js";
export type { OptionsOf, ProblemOption, ProblemOptions } from "./core/problem/module-options.js";
export { sampled } from "./core/problem/sampled.js";
export type { Hosted, HostedTree, SampledTask } from "./core/problem/sampled.js";
export type { ProblemSpec, Rate as InnerRate } from "./core/problem/spec.js";
export type { Adapted, AdaptOptions } from "./core/solve/adapt.js";
export type { Hypergradient, HypergradientOptions, MeanHypergradient, MetaBatch } from "./core/solve/hypergradient.js";
export type { Budget, ChargedBudget, Solve, SolveOptions } from "./core/solve/options.js";
export type { AutoChoice, AutoState, DriftState, Expected } from "./core/solve/auto-choice.js";
export type { Outcome, SolveResult, SolveStep, StepMoments } from "./core/solve/result.js";
export type { TailSample } from "./core/theory/tail.js";
export type { Checkpoint, CheckpointJson } from "./core/solve/checkpoint.js";
export { stream } from "./core/random/index.js";
export type { Random } from "./core/random/index.js";

// What gradients cost, and how far off they are.
export type { DiagnoseOptions, DiagnosisBudget } from "./core/diagnosis/options.js";
export type { CandidateResult, ClockCosts, Comparison, Diagnosis, MemoryResult, PointResult, WorkCosts } from "./core/diagnosis/result.js";
export type { BiasedPrediction, ByExponent, Exponent, Prediction } from "./core/diagnosis/predict.js";
export type { StepResult } from "./core/diagnosis/along-loop.js";
export type { Metasmoothness } from "./core/diagnosis/metasmoothness.js";
export type { Quantity, Resampling } from "./core/diagnosis/bootstrap.js";

// Optimizers of the inner loop.
export * as optimizers from "./core/optimizers/index.js";
export type { InnerOptimizer, OptimizerParts } from "./core/optimizers/index.js";

// Estimators, and how the exact one gets its states.
export {
  adaptive,
  adaptiveAsReleased,
  adaptiveSteps,
  evenSteps,
  evolutionStrategies,
  exact,
  firstOrder,
  fixed,
  fixedSteps,
  forward,
  head,
  implicit,
  optimal,
  optimalSteps,
  parseEstimator,
  reptile,
  soba,
  stepwise,
  truncated,
  ufom,
  zero,
} from "./core/estimators/index.js";
export type {
  AdaptiveOptions,
  AdaptiveStepsOptions,
  AsReleasedOptions,
  BaselineScale,
  Arrays,
  Choice,
  Costs,
  Data,
  Estimator,
  Evaluated,
  EvenOptions,
  EvolutionOptions,
  Facts,
  FirstOrderOptions,
  ForwardOptions,
  HeadOptions,
  ImplicitOptions,
  LearnedStepsOptions,
  MomentOptions,
  OptimalOptions,
  Probability,
  ProbabilitySample,
  Seen,
  StepProbabilities,
  StepVisit,
  StepwiseChoice,
  StepwiseMoments,
  StepwiseSample,
  StepwiseState,
  UfomOptions,
} from "./core/estimators/index.js";
export type { BatchEstimate, Estimate } from "./core/batch/estimate.js";
export type { Counts } from "./core/counts.js";
export { checkpoint, recompute, residuals, store } from "./core/memory/index.js";
export type { MemoryStrategy } from "./core/memory/index.js";

// What an estimator of one's own is made of: docs/own-estimator.md.
export { certain, sweepEstimator } from "./core/estimators/index.js";
export type { ArraysAt, Bias, LeafBuffers, SweepEstimator, SweepParts } from "./core/estimators/index.js";
export * as definitions from "./core/problem/named-definitions.js";
export type { Definition, Like, ProblemFunctions } from "./core/problem/definitions.js";
export type { InnerState } from "./core/problem/functions.js";
export type { ProblemPrograms } from "./core/problem/programs.js";
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
  exponentialDecay,
  joinSchedules,
  linear,
  momentum,
  parseOuter,
  perLeaf,
  piecewiseConstant,
  powerDecay,
  reduceOnPlateau,
  sgd,
  warmupCosine,
} from "./core/outer/index.js";
export type {
  AdamOptions,
  AdamWOptions,
  DecayedOptions,
  MomentumOptions,
  OuterTransform,
  OuterUpdate,
  PlateauOptions,
  Schedule,
  StepSchedule,
  WarmupOptions,
} from "./core/outer/index.js";

// The theory in closed form.
export {
  biasBound,
  convergenceBound,
  expectedCost,
  momentBound,
  optimalProbability,
  optimalStepProbabilities,
  scaledBaseline,
  scaledDifference,
  secondMoment,
  stepCosts,
  stepwiseCost,
  stepwiseFactor,
  stepwiseGuardBound,
  stepwiseSecondMoment,
} from "./core/theory/index.js";

// What was learned, on disk and elsewhere.
export { loadRun, saveRun } from "./files/run.js";
export type { LoadedRun, LoadRunOptions, Reader, RunToSave, Sink } from "./files/run.js";
export type { RunRecord, SavedStep } from "./files/run-files.js";
export type { Source } from "./files/source.js";
export { loadTree, saveTree } from "./files/tree.js";
export type { LoadOptions } from "./files/tree.js";

// Executors.
export { chooseExecutor } from "./executors/choose.js";
export { createReferenceExecutor } from "./executors/reference/index.js";
export { createWasmExecutor } from "./executors/wasm/index.js";
export type { WasmExecutorOptions } from "./executors/wasm/index.js";
export type { Buffer, Executable, Executor, NativeInfo } from "./executors/executor.js";
export type { NativeChoice, NativeOption } from "./executors/native/index.js";
