import type { HypergradientOptions, Hypergradient } from "./core/solve/hypergradient.js";
import { withCompiled } from "./core/solve/compiled-cache.js";
import { hypergradientWith, pointOf } from "./core/solve/hypergradient.js";
import type { Problem } from "./core/problem/problem.js";
import { checkProblem } from "./core/problem/problem.js";
import type { Solve, SolveOptions } from "./core/solve/options.js";
import { checkGiven, solveWith } from "./core/solve/solve.js";
import type { ExecutorName } from "./executors/choose.js";
import { chooseExecutor, sharedExecutor } from "./executors/choose.js";
import type { Executor } from "./executors/executor.js";
import { inlineTeam } from "./team/inline.js";
import type { HostArray, TreeOf } from "./tensor/types.js";

/** Where programs run: an executor, or the name of one (`auto`, `wasm`, `reference`). */
export interface ExecutorOption {
  readonly executor?: ExecutorName | Executor;
}

const named = new Map<ExecutorName, Executor>();

function executorOf(option: ExecutorOption["executor"]): Executor {
  if (option === undefined || option === "auto") return sharedExecutor();
  if (typeof option !== "string") return option;
  let executor = named.get(option);
  if (!executor) named.set(option, (executor = chooseExecutor(option).executor));
  return executor;
}

/**
 * Estimates the hypergradient ∇_θ E_T[ L_out(θ, φ_r, T) ] on one task.
 *
 * @example
 * const problem = defineProblem({
 *   theta: () => f32([3]),
 *   task: () => f32([1]),
 *   init: theta => theta,
 *   inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.25, steps: 2 },
 *   outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
 * });
 * const { loss, gradient } = await hypergradient(problem);
 * loss; // 0.25
 * gradient.data; // [0.25]
 *
 * @param problem made by `defineProblem`
 * @param options.estimator `exact()` if absent; `firstOrder()`, `truncated(5)`, `ufom(0.1)`, or a spelling such as `"ufom:adaptive"`
 * @param options.seed of θ₀, the task and the draw (1)
 * @param options.dtype `float32` or `float64`
 * @param options.theta θ as a tree of host arrays, if not θ₀
 * @param options.task a task, if not the first of the seed
 * @param options.signal ends it on the way: the event loop turns, within the evaluation too, at least every 50 ms (16 ms in a page) but for what
 * a single call of a program or compiling one takes
 * @returns the gradient as θ's tree, the outer loss, what was counted, and the most inner states held at once
 * @throws UfomError if the estimator makes no sense on the problem, a tree or shape does not fit, or it needs more memory than there is; the
 * signal's reason if it was aborted
 */
export async function hypergradient<TH extends TreeOf<HostArray, TH>, TK extends TreeOf<HostArray, TK>>(
  problem: Problem<TH, TK>,
  options: HypergradientOptions<TH, TK> & ExecutorOption = {},
): Promise<Hypergradient<TH>> {
  checkProblem("hypergradient", problem);
  const { dtype = "float32", innerSteps = problem.steps } = options,
    point = await pointOf(problem, options),
    executor = executorOf(options.executor);
  return withCompiled(problem, point, { executor, dtype, innerSteps }, ready => hypergradientWith(ready, point, options));
}

/**
 * Solves a bi-level problem: θ_k = θ_{k−1} + update(estimate of ∇M(θ_{k−1})).
 *
 * A value that is no number, a spent budget and an abort end the run with an outcome; θ is then the last good one. `run.checkpoint()`
 * between two steps gives a state from which `resume` goes on with the same numbers. The event loop turns on the way, within outer steps too;
 * an abort there drops the step under way.
 *
 * @example
 * const problem = defineProblem({
 *   theta: () => f32([3]),
 *   task: () => f32([1]),
 *   init: theta => theta,
 *   inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.25, steps: 2 },
 *   outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
 * });
 * const run = solve(problem, { estimator: exact(), outer: sgd(4), outerSteps: 2 });
 * const losses: number[] = [];
 * for await (const step of run) losses.push(step.loss);
 * losses; // [0.25, 0.0625]
 * const { outcome, theta } = await run.result();
 * outcome; // "finished"
 * theta.data; // [1.5]
 *
 * @throws UfomError if an option is out of range, the estimator makes no sense on the problem, a task has other shapes than the first,
 * or a checkpoint is of another problem or run (these three when the run is started)
 */
export const solve = <TH extends TreeOf<HostArray, TH>, TK extends TreeOf<HostArray, TK>>(
  problem: Problem<TH, TK>,
  options: SolveOptions<TH> & ExecutorOption,
): Solve<TH> => {
  checkGiven(problem, options);
  return solveWith(problem as unknown as Problem<TH>, options, { executor: executorOf(options.executor), team: inlineTeam });
};
