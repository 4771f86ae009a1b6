import type { Executor, HostArray } from "ufom";
import { adapt, evaluate, nn } from "ufom";
import type { Value } from "ufom";
import { outer, pullback } from "ufom/internal/core/problem/definitions";
import { withCompiled } from "ufom/internal/core/solve/compiled-cache";
import { largestEigenvalue } from "../cleaning/methods/hyper-cleaning.js";
import type { Theta } from "./knobs.js";
import { outputsOf, startOf, type Layer, type Weights } from "./model.js";
import { foldTask, tuningProblem, type FoldSize, type FoldTask, type TuningProblem, type TuningShape } from "./problem.js";
import { pick, type Fold, type TuningRows } from "./rows.js";
import { lossesOf, meanLoss } from "./scores.js";

/** How a model is trained: θ, the steps that are taken, and those over which the schedule runs. */
export interface Config {
  readonly theta: Theta;
  readonly steps: number;
  readonly total: number;
}

/** Rows dealt into folds, and what they are to programs. */
export interface Dealt {
  readonly folds: readonly Fold[];
  readonly tasks: readonly FoldTask[];
  /** The rows of each fold that are looked at. */
  readonly validation: readonly TuningRows[];
}

/** What a configuration came to after some numbers of steps, over all folds. */
export interface CrossValidated {
  readonly steps: number;
  /** Mean over rows. */
  readonly loss: number;
  /** Log probabilities or standardized numbers of all rows, each from the fold that was not trained on it. */
  readonly outputs: Float64Array;
}

/** More rows than this are not predicted at once. */
const block = 4096;

/** Trains models of one shape, and counts the work: a unit is an inner step on a fold. */
export class Trainer {
  /** Operations of a product and of an outer loss with its gradient, in inner steps. */
  readonly costs: { readonly product: number; readonly outer: number };
  #work = 0;
  readonly #predict;

  private constructor(
    readonly shape: TuningShape,
    readonly rows: TuningRows,
    readonly dealt: Dealt,
    readonly problem: TuningProblem,
    readonly executor: Executor,
    readonly seed: number,
    costs: Trainer["costs"],
  ) {
    this.costs = costs;
    const { kind } = shape.architecture;
    this.#predict = evaluate(
      (layers: readonly Layer[], x: Value) => (kind === "classes" ? nn.logSoftmax(outputsOf(layers, x)) : outputsOf(layers, x)),
      { executor },
    );
  }

  static async make(
    shape: TuningShape,
    rows: TuningRows,
    folds: readonly Fold[],
    { executor, seed }: { readonly executor: Executor; readonly seed: number },
  ): Promise<Trainer> {
    const dealt = deal(shape, rows, folds, seed);
    const problem = tuningProblem(shape, dealt.tasks);
    const point = { theta: problem.theta(seed), task: dealt.tasks[0] };
    const costs = await withCompiled(problem as never, point, { executor, dtype: "float32", innerSteps: shape.steps }, compiled =>
      Promise.resolve({ product: compiled.work(pullback), outer: compiled.work(outer) }),
    );
    return new Trainer(shape, rows, dealt, problem, executor, seed, costs);
  }

  /** Inner steps so far, and what is worth as much. */
  get work(): number {
    return this.#work;
  }

  count(counts: { readonly step: number; readonly product: number; readonly outer: number }): void {
    this.#work += counts.step + this.costs.product * counts.product + this.costs.outer * counts.outer;
  }

  /** Work of a cross-validation of so many steps, looked at so often. */
  workOf(steps: number, looks: number): number {
    return this.dealt.tasks.length * (steps + (looks + 1) * this.costs.outer);
  }

  /** Other folds of the same rows. */
  deal(folds: readonly Fold[]): Dealt {
    return deal(this.shape, this.rows, folds, this.seed);
  }

  /** Trains on a fold. @param states the numbers of steps after which the weights are wanted */
  async fit({ theta, total }: Config, task: FoldTask, states: readonly number[], signal?: AbortSignal): Promise<readonly Weights[]> {
    const { problem, executor, seed } = this;
    const here = { ...task, total: { ...task.total, data: Float32Array.of(total) } };
    const options = { theta, task: here, seed, states, innerSteps: Math.max(...states), executor, losses: false };
    const { phis } = await adapt(problem, signal === undefined ? options : { ...options, signal });
    this.count({ step: options.innerSteps, product: 0, outer: 1 });
    return phis;
  }

  /** Log probabilities or standardized numbers of rows by several models at once: models × rows × outputs. */
  async #outputs(models: readonly Weights[], { features, count, width }: TuningRows): Promise<Float64Array> {
    const stacked = models[0].map((_, i) => ({
      w: stack(models.map(layers => layers[i].w)),
      b: stack(models.map(({ [i]: { b } }) => ({ ...b, shape: [1, ...b.shape] }))),
    }));
    const found = await this.#predict(stacked, { shape: [count, width], dtype: "float32", data: features });
    return Float64Array.from(found.data);
  }

  /** Trains on every fold. @param looks the numbers of steps after which it is judged */
  async crossValidate(
    config: Config,
    looks: readonly number[],
    dealt: Dealt = this.dealt,
    signal?: AbortSignal,
  ): Promise<CrossValidated[]> {
    const { rows, shape } = this;
    const { outputs } = rows;
    const found = looks.map(steps => ({ steps, outputs: new Float64Array(rows.count * outputs) }));
    for (const [k, task] of dealt.tasks.entries()) {
      const states = await this.fit(config, task, looks, signal);
      const all = await this.#outputs(states, dealt.validation[k]);
      const size = dealt.validation[k].count * outputs;
      for (const at of states.keys()) {
        const output = all.subarray(at * size, (at + 1) * size);
        this.count({ step: 0, product: 0, outer: 1 });
        dealt.folds[k].validation.forEach((row, i) =>
          found[at].outputs.set(output.subarray(i * outputs, (i + 1) * outputs), row * outputs),
        );
      }
    }
    return found.map(one => ({ ...one, loss: meanLoss(lossesOf(one.outputs, rows, shape.architecture.kind), rows.weights) }));
  }
}

/** Arrays of one shape as one array, along a new first axis. */
function stack(arrays: readonly HostArray[]): HostArray {
  const [{ shape, data }] = arrays;
  const all = new Float32Array(arrays.length * data.length);
  arrays.forEach((array, i) => all.set(array.data, i * data.length));
  return { shape: [arrays.length, ...shape], dtype: "float32", data: all };
}

/** Outputs of rows, a block at a time. */
export async function predictWith(
  run: (layers: Weights, x: { shape: number[]; dtype: "float32"; data: Float32Array }) => Promise<unknown>,
  weights: Weights,
  { features, count, width }: Pick<TuningRows, "features" | "count" | "width">,
): Promise<Float64Array> {
  const parts: ArrayLike<number>[] = [];
  for (let from = 0; from < count; from += block) {
    const to = Math.min(count, from + block);
    const x = { shape: [to - from, width], dtype: "float32" as const, data: features.slice(from * width, to * width) };
    parts.push(((await run(weights, x)) as { readonly data: ArrayLike<number> }).data);
  }
  const all = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Curvature of a loss of outputs: of cross entropy at most ½, of half of a square 1. */
const curvature = { classes: 0.5, number: 1 } as const;

/** 1/L of the rows: the step size that a rate of 1 stands for. Of a hidden layer, L counts its units as features that vary by ½. */
export function unitOf({ architecture: { kind, hidden } }: Pick<TuningShape, "architecture">, rows: TuningRows): number {
  const features = largestEigenvalue({ features: rows.features, labels: rows.codes }, rows.width);
  return 1 / (curvature[kind] * (features + hidden / 2));
}

function deal(shape: TuningShape, rows: TuningRows, folds: readonly Fold[], seed: number): Dealt {
  const size: FoldSize = {
    train: Math.max(...folds.map(({ train }) => train.length)),
    validation: Math.max(...folds.map(({ validation }) => validation.length)),
  };
  const start = startOf(shape.architecture, seed);
  const validation = folds.map(fold => pick(rows, fold.validation));
  const tasks = folds.map((fold, k) => {
    const train = pick(rows, fold.train);
    return foldTask(train, validation[k], size, { start, unit: unitOf(shape, train), total: shape.steps });
  });
  return { folds, tasks, validation };
}
