import type { Adapted, AdaptOptions } from "./core/solve/adapt.js";
import { adaptKeys, adaptWith } from "./core/solve/adapt.js";
import { AutoRun } from "./core/diagnosis/auto-run.js";
import { diagnoseWith } from "./core/diagnosis/diagnose.js";
import type { DiagnoseOptions } from "./core/diagnosis/options.js";
import { checkDiagnose } from "./core/diagnosis/options.js";
import type { Diagnosis } from "./core/diagnosis/result.js";
import { withCompiled } from "./core/solve/compiled-cache.js";
import type { Hypergradient, HypergradientOptions, MeanHypergradient, MetaBatch } from "./core/solve/hypergradient.js";
import { checkHypergradient, hypergradientWith, meanHypergradientWith, pointOf, tasksOf } from "./core/solve/hypergradient.js";
import { auto } from "./core/estimators/parse.js";
import type { Problem } from "./core/problem/problem.js";
import { checkProblem, checkSteps } from "./core/problem/problem.js";
import type { Solve, SolveOptions } from "./core/solve/options.js";
import { checkGiven, solveWith } from "./core/solve/solve.js";
import type { ExecutorOption } from "./executor-option.js";
import { executorOf } from "./executor-option.js";
import { inlineTeam } from "./team/inline.js";
import { withTeam } from "./team/kept.js";
import { threads } from "./team/threads.js";
import { checkOptions } from "./tensor/options.js";
import type { HostArray, HostTree, TreeOf } from "./tensor/types.js";

/**
 * Estimates the hypergradient ∇_θ E_T[ L_out(θ, φ_r, T) ] on one task, or its mean over the tasks of a meta-batch.
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
 * const mean = await hypergradient(problem, { tasks: [f32([1]), f32([3])] });
 * mean.gradient.data; // [0.125]
 *
 * @param problem made by `defineProblem`
 * @param options.estimator `exact()` if absent; `firstOrder()`, `truncated(5)`, `ufom(0.1)`, or a spelling such as `"ufom:adaptive"`
 * @param options.seed of θ₀, the task and the draw (1)
 * @param options.dtype `float32` or `float64`
 * @param options.theta θ as a tree of host arrays, if not θ₀
 * @param options.task a task, if not the first of the seed
 * @param options.tasks a meta-batch of tasks
 * @param options.metaBatch how many tasks, drawn as the first outer step of `solve` draws them
 * @param options.workers threads that compute the tasks of a meta-batch; chosen from the cores and the work if not given (docs/threads.md)
 * @param options.signal ends it on the way: the event loop turns, within the evaluation too, at least every 50 ms (16 ms in a page) but for what
 * a single call of a program or compiling one takes
 * @returns the gradient as θ's tree, the outer loss, what was counted, and the most inner states held at once
 * @throws UfomError if the estimator makes no sense on the problem, a tree or shape does not fit, or it needs more memory than there is; the
 * signal's reason if it was aborted
 */
export function hypergradient<TH extends TreeOf<HostArray, TH>, TK extends TreeOf<HostArray, TK>>(
  problem: Problem<TH, TK>,
  options?: HypergradientOptions<TH, TK> & ExecutorOption & { readonly tasks?: undefined; readonly metaBatch?: undefined },
): Promise<Hypergradient<TH>>;
export function hypergradient<TH extends TreeOf<HostArray, TH>, TK extends TreeOf<HostArray, TK>>(
  problem: Problem<TH, TK>,
  options: Omit<HypergradientOptions<TH, TK>, "task"> & ExecutorOption & MetaBatch<TK>,
): Promise<MeanHypergradient<TH>>;
export async function hypergradient<TH extends TreeOf<HostArray, TH>, TK extends TreeOf<HostArray, TK>>(
  problem: Problem<TH, TK>,
  options: HypergradientOptions<TH, TK> & ExecutorOption & Partial<Pick<MetaBatch<TK>, "tasks" | "metaBatch">> = {},
): Promise<Hypergradient<TH> | MeanHypergradient<TH>> {
  checkProblem("hypergradient", problem);
  const { seed = 1, tasks: given, metaBatch } = checkHypergradient(options),
    tasks = given === undefined && metaBatch === undefined ? undefined : await tasksOf(problem, seed, options as Partial<MetaBatch<TK>>),
    point = await pointOf(problem, tasks ? { ...options, task: tasks[0] as TK } : options),
    { dtype = "float32", innerSteps = problem.steps } = options,
    executor = executorOf(options, tasks?.length);
  return withCompiled<Hypergradient<TH> | MeanHypergradient<TH>>(problem, point, { executor, dtype, innerSteps }, ready =>
    tasks ? meanHypergradientWith(ready, point.theta, tasks, options, withTeam) : hypergradientWith(ready, point, options),
  );
}

/**
 * Runs the inner loop at a θ: the model that was learned for a task, φ_r with φ₀ = V(θ, T) and φ_j = Φ_j(θ, φ_{j−1}, T).
 *
 * It takes no estimator, as nothing is differentiated, and holds one state, whatever r is. Its steps are those that `hypergradient` and `solve` take.
 *
 * @example
 * const problem = defineProblem({
 *   theta: () => f32([3]),
 *   task: () => f32([1]),
 *   init: theta => theta,
 *   inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.25, steps: 2 },
 *   outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
 * });
 * const { phi, losses, outer, phis } = await adapt(problem, { theta: f32([5]), states: [0, 1] });
 * phi.data; // [2]
 * losses; // [16, 4, 1]
 * outer; // 1
 * phis.map(({ data }) => data[0]); // [5, 3]
 *
 * @param problem made by `defineProblem`
 * @param options.theta θ as a tree of host arrays, if not θ₀
 * @param options.task a task, if not the first of the seed
 * @param options.innerSteps r, if not the problem's own
 * @param options.states the j of further φ_j that are wanted, from 0 to r
 * @param options.losses `false` to save what the inner losses cost, one forward pass a step
 * @param options.signal ends the loop; it is looked at as by `hypergradient`
 * @returns φ_r as its tree, the r + 1 inner losses, the outer loss, and the φ_j that were asked for
 * @throws UfomError if an option is out of range, or a tree or shape does not fit; the signal's reason if it was aborted
 */
export async function adapt<TH extends TreeOf<HostArray, TH>, TK extends TreeOf<HostArray, TK>, P>(
  problem: Problem<TH, TK, P>,
  options: AdaptOptions<TH, TK> & ExecutorOption = {},
): Promise<Adapted<unknown extends P ? HostTree : P>> {
  checkProblem("adapt", problem);
  checkOptions("adapt", options, { ...adaptKeys, executor: true, native: true });
  options.signal?.throwIfAborted();
  const { dtype = "float32" } = options,
    r = checkSteps(problem, options.innerSteps ?? problem.steps),
    point = await pointOf(problem, options, "adapt"),
    executor = executorOf(options);
  // One compiled problem does for any number of steps.
  const adapted = withCompiled(
    problem,
    point,
    { executor, dtype, innerSteps: problem.steps },
    ready => adaptWith(ready, point, r, options as AdaptOptions),
    "adapt",
  );
  return (await adapted) as Adapted<unknown extends P ? HostTree : P>;
}

/**
 * Solves a bi-level problem: θ_k = θ_{k−1} + update(estimate of ∇M(θ_{k−1})).
 *
 * A value that is no number, a spent budget and an abort end the run with an outcome; θ is then the last good one. `run.checkpoint()`
 * between two steps gives a state from which `resume` goes on with the same numbers. The event loop turns on the way, within outer steps too;
 * an abort there drops the step under way. With `estimator: "auto"` a short diagnosis chooses an unbiased estimator, which `result.auto` and
 * `progress` tell; it is made again where the run drifts from what it said (docs/diagnosis.md).
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
  const { workers, outerSteps, metaBatch } = options,
    team = workers === 1 ? inlineTeam : threads({ workers, batches: outerSteps });
  const context = { executor: executorOf(options, metaBatch), team };
  if (options.estimator === auto) return new AutoRun(problem, options, context) as unknown as Solve<TH>;
  return solveWith(problem as unknown as Problem<TH>, options, context);
};

/**
 * Measures how wrong cheap gradients are on a problem, and what an unbiased one would cost: V² = E‖G_exact‖² and, of each candidate,
 * D² = E‖G_exact − G‖², its bias and cosine, with 95 % intervals; and from them and the costs the best q of UFOM and the predicted time to equal accuracy.
 *
 * @example
 * const problem = defineProblem({
 *   theta: () => f32([3]),
 *   task: random => random.normal([1]),
 *   init: theta => theta,
 *   inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.25, steps: 2 },
 *   outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
 * });
 * const { candidates, recommended } = await diagnose(problem, { candidates: ["zero", "first-order"], tasks: 32, clock: false });
 * candidates.map(({ name, ratio }) => [name, Math.round(ratio.value)]); // [["zero", 1], ["first-order", 9]]
 * recommended; // "exact"
 *
 * @param problem made by `defineProblem`
 * @param options.candidates spellings of the gradients to compare
 * @param options.outer, options.outerSteps of the short run of exact steps along which θ is looked at; without `outer` θ₀ is
 * @param options.points at how many θ of it
 * @param options.tasks the most tasks at each θ
 * @param options.precision the half-width of intervals at which sampling ends, as a part of the moment
 * @param options.memory bytes that states of the inner loop may take
 * @param options.budget limits of seconds and evaluations
 * @returns quantities `{ value, low, high }`, predictions, and a recommendation in words; docs/diagnosis.md says what each is
 * @throws UfomError if an option is out of range, a gradient is not finite or zero everywhere, the budget is too small for an interval, or not even one
 * state fits into the memory
 */
export async function diagnose<TH extends TreeOf<HostArray, TH>, TK extends TreeOf<HostArray, TK>>(
  problem: Problem<TH, TK>,
  options: DiagnoseOptions<TH> & ExecutorOption = {},
): Promise<Diagnosis> {
  checkProblem("diagnose", problem);
  const { seed = 1, dtype = "float32", innerSteps = problem.steps, theta } = checkDiagnose(options),
    point = await pointOf(problem, { theta, seed, dtype }, "diagnose"),
    executor = executorOf(options),
    context = { executor, team: inlineTeam };
  return withCompiled(
    problem,
    point,
    { executor, dtype, innerSteps: checkSteps(problem, innerSteps) },
    compiled => diagnoseWith({ problem: problem, compiled, theta: point.theta }, options as DiagnoseOptions, context),
    "diagnose",
  );
}
