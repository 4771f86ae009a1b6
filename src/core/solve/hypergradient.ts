import { fail } from "../../tensor/error.js";
import { describeTree } from "../../tensor/tree.js";
import type { BatchEstimate, Estimate, TakeMean } from "../batch/estimate.js";
import { estimate, estimateBatch } from "../batch/estimate.js";
import type { Job } from "../batch/evaluate.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import type { FloatType, HostTree } from "../../tensor/types.js";
import { inPrecision } from "../trees/precision.js";
import { Snapshots } from "../trees/snapshots.js";
import { checkMemory, notesOf } from "./check-memory.js";
import { checkWorkers, moreThanTasks } from "./workers.js";
import type { Estimator } from "../estimators/estimator.js";
import { parseEstimator } from "../estimators/index.js";
import { flattenLike } from "../trees/host-leaves.js";
import type { CompileOptions } from "../evaluation/compiled-problem.js";
import { CompiledProblem } from "../evaluation/compiled-problem.js";
import { Pauses } from "../evaluation/pauses.js";
import type { Problem } from "../problem/problem.js";
import type { Example } from "../problem/spec.js";
import { checkPrecision, hostTree } from "../problem/problem.js";
import { stream } from "../random/index.js";

/** Where and how a hypergradient is estimated. */
export interface HypergradientOptions<TH = HostTree, TK = HostTree> {
  /** An estimator, or its spelling; the exact gradient if not given. */
  readonly estimator?: Estimator | string;
  /** Of θ₀, the task and the draw; 1 if not given. */
  readonly seed?: number;
  /** `float32` if not given. */
  readonly dtype?: FloatType;
  /** θ, if not the problem's θ₀. */
  readonly theta?: TH;
  /** The task, if not the first one of the seed. */
  readonly task?: TK;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
  /** Ends it on the way: the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Threads that compute the tasks of a meta-batch: chosen from the cores and the work if not given. The numbers do not depend on it. */
  readonly workers?: number;
}

/** A meta-batch of tasks to take the mean over: given, or drawn as the first outer step of `solve` draws them. */
export type MetaBatch<TK = HostTree> =
  | { readonly tasks: readonly TK[]; readonly metaBatch?: undefined; readonly task?: undefined }
  | { readonly metaBatch: number; readonly tasks?: undefined; readonly task?: undefined };

/** A mean over tasks whose gradient has θ's tree. */
export type MeanHypergradient<TH = HostTree> = Omit<BatchEstimate, "gradient"> & Pick<Hypergradient<TH>, "gradient" | "notes" | "workers">;

/** All options of `hypergradient`; where it runs is chosen outside of the core. */
const hypergradientKeys: KeysOf<HypergradientOptions & { tasks?: unknown; metaBatch?: unknown; executor?: unknown; native?: unknown }> = {
  estimator: true,
  seed: true,
  dtype: true,
  theta: true,
  task: true,
  tasks: true,
  metaBatch: true,
  innerSteps: true,
  signal: true,
  workers: true,
  executor: true,
  native: true,
};

/** An estimate whose gradient has θ's tree. */
export type Hypergradient<TH = HostTree> = Omit<Estimate, "gradient"> & {
  readonly gradient: TH;
  /** What was decided for you, in sentences: positions past the end of an axis that inner steps take. */
  readonly notes: readonly string[];
  /** Threads that computed tasks. */
  readonly workers: number;
};

/** Tasks as they were when a hypergradient on them was asked for. */
const snapshots = new Snapshots("hypergradient's task");

/** What was given, if all of it is read. @throws UfomError if it is no options, or has others */
export const checkHypergradient = <O extends { readonly workers?: number }>(options: O): O => {
  const checked = checkOptions("hypergradient", options, hypergradientKeys as Readonly<Record<string, true>>);
  checkWorkers("hypergradient", checked.workers);
  return checked;
};

/** The point at which a hypergradient is taken. @throws if what is given is no tree of host arrays */
export async function pointOf<TH extends HostTree, TK extends HostTree>(
  problem: Problem<TH, TK>,
  { theta, task, seed = 1, dtype = "float32" }: Pick<HypergradientOptions<TH, TK>, "theta" | "task" | "seed" | "dtype">,
  who = "hypergradient",
): Promise<Example> {
  checkPrecision(dtype);
  const given = <T extends HostTree>(what: string, tree: T | undefined) => tree && hostTree(`${who}'s ${what}`, tree, "must be");
  return {
    theta: inPrecision(given("theta", theta) ?? problem.theta(seed), dtype),
    task: task ? snapshots.take(given("task", task)!) : await problem.draw(seed, 1, 0),
  };
}

/** A problem compiled for a point. @throws if its θ is not like the problem's own */
export function compiledAt(problem: Problem, point: Example, options: CompileOptions, who = "hypergradient"): CompiledProblem {
  flattenLike(`${who}'s theta`, inPrecision(problem.theta(1), checkPrecision(options.dtype ?? "float32")), point.theta);
  return new CompiledProblem(problem, point, options);
}

/** The task of a point. One that a program draws is drawn where runs draw it: the same numbers to the last bit. */
export const taskAt = async (compiled: CompiledProblem, point: Example, own: unknown, seed: number): Promise<HostTree> =>
  own ? point.task : ((await compiled.sample(seed, 1, 0)) ?? point.task);

/** Estimates the hypergradient of a compiled problem; see `hypergradient` of the package. */
export async function hypergradientWith<TH extends HostTree, TK extends HostTree>(
  compiled: CompiledProblem,
  point: Example,
  { estimator: given = "exact", seed = 1, task: own, signal, workers = 1 }: HypergradientOptions<TH, TK>,
): Promise<Hypergradient<TH>> {
  const estimator = typeof given === "string" ? named(given) : given;
  signal?.throwIfAborted();
  estimator.check?.(compiled);
  checkMemory(compiled, estimator);
  const { theta } = point,
    task = await taskAt(compiled, point, own, seed),
    choice = estimator.draw(estimator.init(theta, compiled.steps), stream(seed, "draw", 1, 0)),
    tooMany = workers > 1 ? [moreThanTasks(workers, 1)] : [];
  try {
    const found = await estimate(compiled, estimator, theta, { task, choice }, new Pauses(signal));
    return { ...found, gradient: found.gradient as TH, notes: [...notesOf(compiled, estimator), ...tooMany], workers: 1 };
  } finally {
    // The caller may change the numbers of θ and of the task before the next call.
    compiled.forgetTrees();
  }
}

/** The tasks that were given, or those that the first outer step of a run draws. @throws if what is given is no list of trees of host arrays, or no number of tasks */
export async function tasksOf<TK extends HostTree>(problem: Problem, seed: number, { tasks, metaBatch, task }: Partial<MetaBatch<TK>>) {
  if (task !== undefined) fail("hypergradient", "takes one task, or tasks, or the size of a meta-batch", "a task and a meta-batch");
  if (tasks !== undefined && metaBatch !== undefined) fail("hypergradient", "takes tasks or metaBatch", "both");
  if (tasks !== undefined) {
    if (!Array.isArray(tasks) || tasks.length === 0)
      fail("hypergradient's tasks", "must be a list of at least one task", describeTree(tasks));
    return (tasks as readonly HostTree[]).map((tree, i) => snapshots.take(hostTree(`hypergradient's tasks[${i}]`, tree, "must be")));
  }
  if (!Number.isSafeInteger(metaBatch) || metaBatch! < 1)
    fail("hypergradient's metaBatch", "must be a whole number of at least 1", `${metaBatch}`);
  const drawn: HostTree[] = [],
    // Where a program draws them, the first says what they are like, and the others are drawn where they are used.
    n = problem.sampler ? 1 : metaBatch!;
  for (let i = 0; i < n; i++) drawn.push(await problem.draw(seed, 1, i));
  return drawn;
}

/** Does something with who computes the tasks of a meta-batch. */
export type WithTeam = <R>(
  compiled: CompiledProblem,
  estimator: Estimator,
  options: { readonly workers?: number },
  f: (team: { readonly mean: TakeMean; readonly workers: number; readonly notes: readonly string[] }) => Promise<R>,
) => Promise<R>;

/** The mean over tasks; see `hypergradient` of the package. */
export async function meanHypergradientWith<TH extends HostTree>(
  compiled: CompiledProblem,
  theta: HostTree,
  tasks: readonly HostTree[],
  {
    estimator: given = "exact",
    seed = 1,
    metaBatch,
    signal,
    workers,
  }: Pick<HypergradientOptions, "estimator" | "seed" | "signal" | "workers"> & { readonly metaBatch?: number },
  withTeam: WithTeam,
): Promise<MeanHypergradient<TH>> {
  const estimator = typeof given === "string" ? named(given) : given;
  signal?.throwIfAborted();
  estimator.check?.(compiled);
  checkMemory(compiled, estimator);
  const n = metaBatch ?? tasks.length;
  if (estimator.facts.oneTask && n > 1)
    fail(estimator.name, "goes on from where it left its one inner problem, so it needs one task", `a meta-batch of ${n}`);
  const state = estimator.init(theta, compiled.steps),
    choice = (i: number) => estimator.draw(state, stream(seed, "draw", 1, estimator.facts.random ? i : 0)),
    // Of choices that are all the same there is one: the batch is recorded once.
    first = choice(0),
    jobs: Job[] = [];
  for (let i = 0; i < n; i++) {
    const drawn = metaBatch === undefined ? undefined : await compiled.sample(seed, 1, i);
    jobs.push({ task: drawn ?? tasks[i], choice: i === 0 || !estimator.facts.random ? first : choice(i) });
  }
  try {
    return await withTeam(compiled, estimator, { workers }, async team => {
      const found = await estimateBatch(compiled, estimator, theta, jobs, new Pauses(signal), (...job) => team.mean(...job));
      return { ...found, gradient: found.gradient as TH, notes: [...notesOf(compiled, estimator), ...team.notes], workers: team.workers };
    });
  } finally {
    compiled.forgetTrees();
  }
}

const byName = new Map<string, Estimator>();
/** So many spellings are remembered, those used last. */
const MOST_NAMES = 64;

/** An estimator by its spelling: always the same one, so that what was recorded of it is found again. */
function named(spelling: string): Estimator {
  const estimator = byName.get(spelling) ?? parseEstimator(spelling);
  byName.delete(spelling);
  byName.set(spelling, estimator);
  if (byName.size > MOST_NAMES) byName.delete(byName.keys().next().value!);
  return estimator;
}
