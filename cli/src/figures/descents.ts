import { adapt, evaluate, hypergradient, solve } from "ufom";
import type { Executor, HostArray } from "ufom";
import { FailedError } from "../failure.js";
import { whole } from "../report/format.js";
import { coinAStart } from "./coin-a-start.js";
import type { Batch, ManyStarts } from "./many-starts.js";
import { bothTasks, lossByStart, manyStarts } from "./many-starts.js";

/** What a figure computes with. */
export interface Computing {
  readonly seed: number;
  readonly executor: Executor;
  /** Is told how far descents are, where they take long. */
  note?(text: string): void;
}

const dtype = "float64";
/** Milliseconds between two notes of how far descents are. */
const between = 10_000;

/** ∇M(θ) for every number of a batch: the mean over both tasks. */
async function meanGradient({ extents }: Batch, problem: ManyStarts, x: HostArray, executor: Executor): Promise<Float64Array> {
  const { gradient } = await hypergradient(problem, { theta: { x }, tasks: bothTasks(extents), estimator: "exact", dtype, executor });
  return gradient.x.data as Float64Array;
}

/** M(θ) for every number of a batch: f where the inner loop ends, mean over both tasks. */
export async function objectiveOf(
  batch: Batch,
  problem: ManyStarts,
  x: HostArray,
  { executor }: Pick<Computing, "executor">,
): Promise<Float64Array> {
  const each = evaluate(lossByStart(batch.scalar), { executor, dtype }),
    mean = new Float64Array(x.data.length);
  for (const task of bothTasks(batch.extents)) {
    const { phi } = await adapt(problem, { theta: { x }, task, losses: false, dtype, executor }),
      losses = await each(phi as HostArray, task.task);
    for (let i = 0; i < mean.length; i++) mean[i] += losses.data[i] / 2;
  }
  return mean;
}

/** A batch after k outer steps. */
export interface Reached {
  readonly k: number;
  readonly x: HostArray;
  /** ∇M(θ_k), number by number. */
  readonly gradient: Float64Array;
}

/** Outer loops with γ_k = 10/k, one task an outer step; all of a batch at once. */
export interface Descents {
  readonly batch: Batch;
  /** q of UFOM along the second axis: 0 is first-order, 1 exact. */
  readonly probabilities: readonly number[];
  /** The outer steps k that are wanted, ascending; the last ends the run. */
  readonly at: readonly number[];
}

/** Runs descents, and gives them as they are after each k that is wanted. @throws FailedError if numbers stop being finite */
export async function* descend({ batch, probabilities, at }: Descents, { seed, executor, note }: Computing): AsyncGenerator<Reached> {
  let spoken = performance.now();
  const problem = manyStarts(batch),
    wanted = new Set(at),
    run = solve(problem, { estimator: coinAStart(probabilities), outer: "sgd:10/k", outerSteps: at.at(-1)!, seed, dtype, executor });
  for await (const { index: k } of run) {
    if (note !== undefined && performance.now() - spoken > between) {
      note(`outer step ${whole(k)} of ${whole(at.at(-1)!)}`);
      spoken = performance.now();
    }
    if (!wanted.has(k)) continue;
    const { x } = run.theta;
    yield { k, x, gradient: await meanGradient(batch, problem, x, executor) };
  }
  const { outcome, message } = await run.result();
  if (outcome !== "finished") throw new FailedError(`ufom: the descents of the figure ended early: ${message}`);
}

/** Gradients of one task at every number of a batch. */
export interface TaskGradients {
  readonly exact: Float64Array;
  readonly firstOrder: Float64Array;
}

/** Both gradients of the first task, and of the second. */
export async function gradientsByTask(
  { extents }: Batch,
  problem: ManyStarts,
  x: HostArray,
  { executor, innerSteps }: Pick<Computing, "executor"> & { readonly innerSteps?: number },
): Promise<readonly TaskGradients[]> {
  const found: TaskGradients[] = [];
  for (const task of bothTasks(extents)) {
    const of = async (estimator: string) =>
      (await hypergradient(problem, { theta: { x }, task, estimator, innerSteps, dtype, executor })).gradient.x.data as Float64Array;
    found.push({ exact: await of("exact"), firstOrder: await of("first-order") });
  }
  return found;
}
