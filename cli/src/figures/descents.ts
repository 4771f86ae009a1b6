import { adapt, evaluate, hypergradient, solve } from "ufom";
import type { Executor, HostArray, Value } from "ufom";
import { FailedError } from "../failure.js";
import { coinAStart } from "./coin-a-start.js";
import type { Batch, ManyStarts } from "./many-starts.js";
import { bothTasks, lossByStart, manyStarts } from "./many-starts.js";

/** What a figure computes with. */
export interface Computing {
  readonly seed: number;
  readonly executor: Executor;
}

const dtype = "float64";

/** ∇M(θ), or the mean of the first-order gradients, for every number of a batch: the mean over both tasks. */
export async function meanGradient(
  batch: Batch,
  problem: ManyStarts,
  x: HostArray,
  { executor, estimator = "exact" }: Pick<Computing, "executor"> & { readonly estimator?: "exact" | "first-order" },
): Promise<Float64Array> {
  const { gradient } = await hypergradient(problem, { theta: { x }, tasks: bothTasks(batch.extents), estimator, dtype, executor });
  return gradient.x.data as Float64Array;
}

/** M(θ) for every number of a batch: f where the inner loop ends, mean over both tasks. */
export async function objectiveOf(batch: Batch, problem: ManyStarts, x: HostArray, { executor }: Computing): Promise<Float64Array> {
  const each = evaluate(lossByStart(batch.scalar) as (x: Value, task: Value) => Value, { executor, dtype }),
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
export async function* descend({ batch, probabilities, at }: Descents, { seed, executor }: Computing): AsyncGenerator<Reached> {
  const problem = manyStarts(batch),
    wanted = new Set(at),
    run = solve(problem, { estimator: coinAStart(probabilities), outer: "sgd:10/k", outerSteps: at.at(-1)!, seed, dtype, executor });
  for await (const { index: k } of run) {
    if (!wanted.has(k)) continue;
    const { x } = run.theta;
    yield { k, x, gradient: await meanGradient(batch, problem, x, { executor }) };
  }
  const { outcome, message } = await run.result();
  if (outcome !== "finished") throw new FailedError(`ufom: the descents of the figure ended early: ${message}`);
}
