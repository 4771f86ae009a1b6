import { fail } from "../../tensor/error.js";
import { checkOptions } from "../../tensor/options.js";
import { describeTree } from "../../tensor/tree.js";
import type { HostTree } from "../../tensor/types.js";
import { copyData } from "../trees/snapshots.js";
import { inPrecision } from "../trees/precision.js";
import type { Estimator } from "../estimators/estimator.js";
import { carrying } from "../estimators/carrying.js";
import { refuseAlone } from "../estimators/only-as-part.js";
import { parseEstimator } from "../estimators/index.js";
import { parseOuter } from "../outer/index.js";
import { flattenLike } from "../trees/host-leaves.js";
import { Pauses } from "../evaluation/pauses.js";
import type { Problem } from "../problem/problem.js";
import { checkPrecision, checkProblem, checkSteps } from "../problem/problem.js";
import { givenCheckpoint } from "./checkpoint.js";
import { noCounts } from "../counts.js";
import { noBest } from "./best.js";
import type { Budget, Solve, SolveContext, SolveOptions } from "./options.js";
import { budgetKeys, chargedKeys, solveKeys } from "./options.js";
import { Run } from "./run.js";
import { checkWorkers } from "./workers.js";

const atLeast = (name: string, x: number, least: number): void => {
  if (!Number.isInteger(x) || x < least) fail(`solve's ${name}`, `must be a whole number of at least ${least}`, `${x}`);
};

function checkBudget(budget: Budget): void {
  const { seconds, evaluations, charged } = checkOptions("solve's budget", budget, budgetKeys, "the limits");
  for (const [name, x] of Object.entries({ seconds, evaluations })) {
    if (x !== undefined && !(x >= 0)) fail(`solve's budget.${name}`, "must be a number of at least 0", `${x}`);
  }
  if (charged === undefined) return;
  const { total, always, exact = 0 } = checkOptions("solve's budget.charged", charged, chargedKeys, "the numbers");
  if (!(total >= 0)) fail("solve's budget.charged.total", "must be a number of at least 0", `${total}`);
  for (const [name, x] of Object.entries({ always, exact }))
    if (!Number.isSafeInteger(x) || x < 0) fail(`solve's budget.charged.${name}`, "must be a whole number of at least 0", `${x}`);
  if (always + exact === 0) fail("solve's budget.charged", "must charge something for a task", "0 always, and 0 for its target");
}

/** @throws if what a run cannot do without is missing */
export function checkGiven(problem: unknown, options: unknown): void {
  checkProblem("solve", problem);
  if (typeof options !== "object" || options === null)
    fail("solve", "takes options with estimator, outer and outerSteps", describeTree(options));
  const { estimator, outer } = checkOptions("solve", options, solveKeys as Readonly<Record<string, true>>) as Partial<SolveOptions>;
  if (typeof estimator !== "string" && typeof estimator?.evaluate !== "function")
    fail("solve's estimator", "must be an estimator or its spelling", describeTree(estimator));
  if (typeof outer !== "string" && typeof outer?.update !== "function")
    fail("solve's outer", "must be an outer transform such as adam(1e-3), or its spelling", describeTree(outer));
}

/** Solves a bi-level problem; see `solve` of the package. */
export function solveWith<TH extends HostTree>(problem: Problem<TH>, options: SolveOptions<TH>, context: SolveContext): Solve<TH> {
  const { outerSteps, metaBatch = 1, seed = 1, dtype = "float32", innerSteps = problem.steps, budget = {}, stopAfter, signal } = options,
    // Whoever gave it may change it before the run gets to it.
    resume = options.resume && copyData(givenCheckpoint("resume", options.resume));
  const given: Estimator = typeof options.estimator === "string" ? parseEstimator(options.estimator) : options.estimator,
    estimator = problem.carry ? (carrying(given, problem.tasks !== undefined) as Estimator) : given,
    outer = typeof options.outer === "string" ? parseOuter(options.outer) : options.outer;
  refuseAlone("solve's estimator", given);
  atLeast("outerSteps", outerSteps, 0);
  atLeast("metaBatch", metaBatch, 1);
  checkSteps(problem, innerSteps);
  checkPrecision(dtype);
  checkBudget(budget);
  if (stopAfter !== undefined) atLeast("stopAfter", stopAfter, 1);
  checkWorkers("solve", options.workers);
  if (budget.charged && resume && resume.charged === undefined)
    fail("resume", "takes a checkpoint of a run that was charged, as budget.charged goes on with its sum", "one of a run that was not");
  if (options.moments !== undefined && typeof options.moments !== "boolean")
    fail("solve's moments", "must be true or false", describeTree(options.moments));

  const own = inPrecision(problem.theta(seed), dtype);
  if (options.theta) flattenLike("solve's theta", own, options.theta);
  const first = () => {
    const theta = options.theta ? inPrecision(options.theta, dtype) : own;
    return {
      index: 0,
      theta,
      outer: [],
      estimator: estimator.init(theta, innerSteps),
      counts: context.spent?.counts ?? noCounts,
      ...(budget.charged ? { charged: 0 } : {}),
      peakStates: context.spent?.peakStates ?? 0,
      seconds: context.spent?.seconds ?? 0,
      loss: NaN,
      best: noBest(theta),
    };
  };
  const identity = { estimator: estimator.name, outer: outer.name, metaBatch, seed, dtype, innerSteps };
  return new Run(
    {
      problem,
      estimator,
      outer,
      outerSteps,
      budget,
      stopAfter,
      moments: options.moments,
      pauses: context.pauses ?? new Pauses(signal),
      resume,
      identity,
      example: own,
      ...context,
    },
    resume ?? first(),
  ) as unknown as Solve<TH>;
}
