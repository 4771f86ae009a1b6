import { positions } from "../folds.js";
import type { CleaningContext } from "../input.js";
import { NetworkTrainer } from "./network.js";
import type { Network } from "./network.js";
import { linearAt, ridge } from "./ridge.js";
import type { Linear } from "./ridge.js";
import { huberLoss, huberWeight, scaleOf } from "./robust.js";

/** Rows of both kinds with standardized values, dealt into the same number of parts. */
export interface RegressionData {
  readonly width: number;
  readonly folds: number;
  /** Rows, and the trusted ones behind them. */
  readonly features: Float32Array;
  readonly values: Float64Array;
  readonly fold: Int32Array;
  /** How many of them are not the trusted ones. */
  readonly rows: number;
}

/** Which model is fitted. */
export interface ModelChoice {
  readonly kind: "linear" | "mlp";
  readonly lambda: number;
  /** Steps of the network that corrects the linear model; 0 without one. */
  readonly steps: number;
}

/** What models that have not seen a row predict for it: rows, and the trusted ones behind them. */
export interface Predicted {
  readonly predicted: Float64Array;
  readonly choice: ModelChoice;
}

/** λ of a linear model among which is chosen, from the largest, where each fit is near the next. */
const lambdas = [1, 0.1, 0.01, 0.001, 0.0001] as const;

/** A network must lose so much less than the linear model, in parts of that loss, to be worth it. */
const worthwhile = 0.01;

/** Fits with weights, of which the first ones come from a robust fit of everything. */
const robustRounds = 8;

/** Weights of a robust fit: a linear model fitted again and again, each time with Huber's weights of what it left over the last time. */
export function robustWeights({ features, width, values }: RegressionData, prior: Float64Array): Float64Array {
  const rows = Int32Array.from(values.keys());
  let weights = prior,
    model: Linear | undefined;
  // It begins at the median, from which far values are far.
  let left = values;
  for (let round = 0; round < robustRounds; round++) {
    const scale = scaleOf(left, prior);
    weights = left.map((r, i) => prior[i] * huberWeight(r / scale));
    model = ridge({ features, width, rows }, values, weights, 0.001, model);
    const now = model;
    left = values.map((y, i) => y - linearAt(now, features, i));
  }
  return weights;
}

const at = (x: Float64Array, rows: Int32Array): Float64Array => Float64Array.from(rows, row => x[row]);

/** One model for each part, trained on the other parts, is asked about its own. */
export class CrossFitter {
  readonly #learned: readonly Int32Array[];
  readonly #asked: readonly Int32Array[];
  #trainer: NetworkTrainer | undefined;

  constructor(
    readonly data: RegressionData,
    private readonly context: CleaningContext,
  ) {
    this.#learned = Array.from({ length: data.folds }, (_, f) => positions(data.fold, other => other !== f));
    this.#asked = Array.from({ length: data.folds }, (_, f) => positions(data.fold, other => other === f));
  }

  get #network(): NetworkTrainer {
    return (this.#trainer ??= new NetworkTrainer(
      this.data.width,
      Math.max(...this.#learned.map(rows => rows.length)),
      this.context.executor,
    ));
  }

  #linear(f: number, weights: Float64Array, lambda: number, from?: Linear): Linear {
    const { features, width, values } = this.data,
      rows = this.#learned[f];
    return ridge({ features, width, rows }, at(values, rows), at(weights, rows), lambda, from);
  }

  /** What a linear model leaves over is small: brought to about 1, a network's step size is the same for every table. */
  #corrections(f: number, linear: Linear, weights: Float64Array, scale: number, states: readonly number[]): Promise<readonly Network[]> {
    const { features, width, values } = this.data,
      { seed, signal } = this.context,
      rows = this.#learned[f],
      own = at(weights, rows),
      mean = own.reduce((a, b) => a + b, 0) / own.length;
    return this.#network.train(
      {
        ...{ features, width, rows },
        targets: Float64Array.from(rows, row => (values[row] - linearAt(linear, features, row)) / scale),
        weights: own.map(u => u / mean),
      },
      states,
      seed + 7919 * f,
      signal,
    );
  }

  async #corrected(network: Network, f: number, scale: number): Promise<Float64Array> {
    const rows = this.#asked[f];
    return (await this.#network.predict(network, this.data.features, rows)).map(x => scale * x);
  }

  /** What a model that is trained on the other parts predicts for the rows of one. */
  async ask(f: number, weights: Float64Array, { lambda, steps }: ModelChoice): Promise<Float64Array> {
    const { features, values } = this.data,
      linear = this.#linear(f, weights, lambda),
      predicted = Float64Array.from(this.#asked[f], row => linearAt(linear, features, row));
    if (steps === 0) return predicted;
    this.context.signal?.throwIfAborted();
    const rows = this.#learned[f],
      scale = scaleOf(
        Float64Array.from(rows, row => values[row] - linearAt(linear, features, row)),
        at(weights, rows),
      ),
      [network] = await this.#corrections(f, linear, weights, scale, [steps]),
      more = await this.#corrected(network, f, scale);
    return predicted.map((y, i) => y + more[i]);
  }

  /** Predictions by models of a kind, each row by the one that has not seen it. @param weights what each row counts in a training */
  async fit(weights: Float64Array, choice: ModelChoice, what: string): Promise<Predicted> {
    const { folds, values } = this.data,
      predicted = new Float64Array(values.length);
    for (let f = 0; f < folds; f++) {
      this.context.progress?.(what, f / folds);
      const own = await this.ask(f, weights, choice);
      this.#asked[f].forEach((row, i) => (predicted[row] = own[i]));
    }
    return { predicted, choice };
  }

  /**
   * Predictions by the kind of model that explains rows best that it has not seen, by Huber's loss: linear with one of five penalties, or with a network on
   * top of that, trained as long as does it best.
   */
  async choose(weights: Float64Array, what: string): Promise<Predicted> {
    const { features, folds, values } = this.data,
      { progress, signal } = this.context,
      n = values.length,
      tried = lambdas.map(() => new Float64Array(n)),
      models: Linear[][] = [];
    for (let f = 0; f < folds; f++) {
      signal?.throwIfAborted();
      progress?.(what, f / (2 * folds));
      const path: Linear[] = [];
      for (const [k, lambda] of lambdas.entries()) {
        const model = this.#linear(f, weights, lambda, path.at(-1));
        path.push(model);
        for (const row of this.#asked[f]) tried[k][row] = linearAt(model, features, row);
      }
      models.push(path);
    }
    const scales = tried.map(predicted => scaleOf(values.map((y, i) => y - predicted[i]))),
      scale = Math.min(...scales),
      lossOf = (predicted: Float64Array): number => values.reduce((sum, y, i) => sum + huberLoss((y - predicted[i]) / scale), 0) / n,
      losses = tried.map(lossOf),
      best = losses.indexOf(Math.min(...losses)),
      linear: Predicted = { predicted: tried[best], choice: { kind: "linear", lambda: lambdas[best], steps: 0 } },
      { choices } = this.#network,
      corrected = choices.map(() => tried[best].slice());
    for (let f = 0; f < folds; f++) {
      signal?.throwIfAborted();
      progress?.(what, (folds + f) / (2 * folds));
      const networks = await this.#corrections(f, models[f][best], weights, scale, choices);
      for (const [k, network] of networks.entries()) {
        const more = await this.#corrected(network, f, scale);
        this.#asked[f].forEach((row, i) => (corrected[k][row] += more[i]));
      }
    }
    const networkLosses = corrected.map(lossOf),
      least = networkLosses.indexOf(Math.min(...networkLosses));
    if (!(networkLosses[least] < (1 - worthwhile) * losses[best])) return linear;
    return { predicted: corrected[least], choice: { kind: "mlp", lambda: lambdas[best], steps: choices[least] } };
  }
}
