import type { Executor } from "../../executors/executor.js";
import { fail } from "../../tensor/error.js";
import { describeTree } from "../../tensor/tree.js";
import type { FloatType, HostTree } from "../../tensor/types.js";
import { inPrecision } from "../trees/average.js";
import type { Checkpoint, EstimatorState } from "./checkpoint.js";
import type { Estimator } from "../estimators/estimator.js";
import { parseEstimator } from "../estimators/index.js";
import { flattenLike } from "../trees/host-leaves.js";
import type { OuterTransform } from "../outer/transform.js";
import type { Problem } from "../problem/problem.js";
import { checkPrecision, checkProblem, checkSteps } from "../problem/problem.js";
import type { SolveResult, SolveStep } from "./result.js";
import { noCounts } from "./result.js";
import { Run } from "./run.js";
import type { MakeTeam } from "./team.js";

/** Limits of a run, looked at between outer steps. */
export interface Budget {
  readonly seconds?: number;
  /** Inner steps, products and outer gradients, one each. */
  readonly evaluations?: number;
}

/** How a problem is solved. */
export interface SolveOptions<TH = HostTree> {
  /** An estimator, or its spelling: `ufom:adaptive`. */
  readonly estimator: Estimator | string;
  /** What turns gradients into updates: `adam(1e-3)`. */
  readonly outer: OuterTransform;
  readonly outerSteps: number;
  /** Tasks an outer step averages over; 1 if not given. */
  readonly metaBatch?: number;
  /** Of θ₀, the tasks and the draws; 1 if not given. */
  readonly seed?: number;
  /** `float32` if not given. */
  readonly dtype?: FloatType;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
  /** θ₀, if not the problem's own. */
  readonly theta?: TH;
  readonly budget?: Budget;
  readonly signal?: AbortSignal;
  /** A checkpoint of this problem and these options, to go on from. */
  readonly resume?: Checkpoint;
}

/** What `solve` needs from outside the core. */
export interface SolveContext {
  readonly executor: Executor;
  readonly team: MakeTeam;
}

/** A run: iterate it for its steps, or await its result. */
export interface Solve<TH = HostTree> extends AsyncIterable<SolveStep> {
  /** The current θ. */
  readonly theta: TH;
  /** The state between two steps, to be saved. @throws before the first step was asked for */
  checkpoint(): Checkpoint;
  /** Runs what is left and says how it ended; after a loop over the steps was left, that it was stopped. @throws what the run threw */
  result(): Promise<SolveResult<TH>>;
}

const atLeast = (name: string, x: number, least: number): void => {
  if (!Number.isInteger(x) || x < least) fail(`solve's ${name}`, `must be a whole number of at least ${least}`, `${x}`);
};

function checkBudget({ seconds, evaluations }: Budget): void {
  for (const [name, x] of Object.entries({ seconds, evaluations })) {
    if (x !== undefined && !(x >= 0)) fail(`solve's budget.${name}`, "must be a number of at least 0", `${x}`);
  }
}

/** @throws if what a run cannot do without is missing */
export function checkGiven(problem: unknown, options: unknown): void {
  checkProblem("solve", problem);
  if (typeof options !== "object" || options === null)
    fail("solve", "takes options with estimator, outer and outerSteps", describeTree(options));
  const { estimator, outer } = options as Partial<SolveOptions>;
  if (typeof estimator !== "string" && typeof estimator?.estimate !== "function")
    fail("solve's estimator", "must be an estimator or its spelling", describeTree(estimator));
  if (typeof outer?.update !== "function") fail("solve's outer", "must be an outer transform such as adam(1e-3)", describeTree(outer));
}

/** Solves a bi-level problem; see `solve` of the package. */
export function solveWith<TH extends HostTree>(problem: Problem<TH>, options: SolveOptions<TH>, context: SolveContext): Solve<TH> {
  const {
    outer,
    outerSteps,
    metaBatch = 1,
    seed = 1,
    dtype = "float32",
    innerSteps = problem.steps,
    budget = {},
    signal,
    resume,
  } = options;
  const estimator = typeof options.estimator === "string" ? parseEstimator(options.estimator) : options.estimator;
  atLeast("outerSteps", outerSteps, 0);
  atLeast("metaBatch", metaBatch, 1);
  checkSteps(problem, innerSteps);
  checkPrecision(dtype);
  checkBudget(budget);

  const own = problem.theta(seed);
  if (options.theta) flattenLike("solve's theta", own, options.theta);
  const first = () => {
    const theta = inPrecision(options.theta ?? own, dtype);
    return {
      index: 0,
      theta,
      outer: [],
      estimator: estimator.init(theta) as EstimatorState,
      counts: noCounts,
      peakStates: 0,
      seconds: 0,
      loss: NaN,
    };
  };
  const identity = { estimator: estimator.name, outer: outer.name, metaBatch, seed, dtype, innerSteps };
  return new Run(
    { problem: problem, estimator, outer, outerSteps, budget, signal, resume, identity, example: inPrecision(own, dtype), ...context },
    resume ?? first(),
  ) as unknown as Solve<TH>;
}
