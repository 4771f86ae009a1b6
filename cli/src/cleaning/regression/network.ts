import type { Executor, HostArray, Value } from "ufom";
import { adapt, defineProblem, evaluate, nn, np, optimizers } from "ufom";
import { stream } from "ufom/internal/core/random/index";

/** A layer x·W + b. */
interface Layer<T = Value> {
  readonly w: T;
  readonly b: T;
}

/** A trained network: its layers, the first one first. */
export type Network = Layer<HostArray>[];

/** Units of the hidden layer. */
const hidden = 32;
const rate = 0.003;
/** λ of λ‖W‖², which keeps the weights of columns that never vary at rest. */
const lambda = 1e-4;

const output = (layers: readonly Layer[], x: Value): Value =>
  layers.reduce((h, { w, b }, i) => np.matmul(i === 0 ? h : nn.relu(h), w).add(b), x);

/** What is trained on: n × d features, and of each row what is to be said and how much that counts. */
export interface NetworkRows {
  readonly features: Float32Array;
  readonly width: number;
  readonly rows: Int32Array;
  /** Of the chosen rows, in their order, as the weights are. */
  readonly targets: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Trains a hidden layer of 32 units on what a linear model leaves over, by Adam on minibatches of
 *
 *     1/B Σ_i u_i ½(f(x_i) − t_i)² + λ Σ‖W‖²,
 *
 * which begins at f = 0, where nothing is corrected.
 */
export class NetworkTrainer {
  readonly #batch: number;
  readonly #blocks: number;
  readonly #problem;
  readonly #predict;
  /** The numbers of steps among which one is chosen. */
  readonly choices: readonly number[];

  /** @param rows most rows of a training; fewer are filled up, so that all folds share one program */
  constructor(
    private readonly width: number,
    rows: number,
    private readonly executor: Executor,
  ) {
    const batch = rows <= 2000 ? 64 : rows <= 20_000 ? 128 : 512,
      blocks = Math.max(1, Math.ceil(rows / batch)),
      steps = Math.max(blocks * (rows <= 20_000 ? 20 : 8), 320),
      sizes = [width, hidden, 1];
    this.#batch = batch;
    this.#blocks = blocks;
    this.choices = [1 / 8, 1 / 4, 1 / 2, 1].map(share => Math.round(share * steps));
    this.#problem = defineProblem({
      name: "regression network",
      theta: random => ({
        layers: sizes.slice(1).map((to, i) => ({
          w: random.normal([sizes[i], to], i === 0 ? Math.sqrt(1 / width) : 0),
          b: random.normal([to], 0),
        })),
      }),
      task: () =>
        this.#task(
          { features: new Float32Array(width), width, rows: Int32Array.of(0), targets: new Float64Array(1), weights: new Float64Array(1) },
          Int32Array.of(0),
        ),
      init: theta => theta.layers,
      inner: {
        loss: (_, phi, { x, y, weight }, step) => {
          const block = np.mod(step, blocks),
            [xs, ys, us] = [np.take(x, block, 0), np.take(y, block, 0), np.take(weight, block, 0)],
            fit = np.square(output(phi, xs).sub(ys)).mul(us).mean().mul(0.5);
          return phi.reduce((loss, { w }) => loss.add(np.square(w).sum().mul(lambda)), fit);
        },
        optimizer: optimizers.adam({ rate }),
        steps,
      },
      outer: () => np.zeros([]),
    });
    this.#predict = evaluate((layers: readonly Layer[], x: Value) => output(layers, x), { executor });
  }

  /** Rows in an order, the first ones again behind the last where they do not fill the blocks. */
  #task({ features, rows, targets, weights }: NetworkRows, order: Int32Array) {
    const [batch, blocks, width] = [this.#batch, this.#blocks, this.width],
      x = new Float32Array(blocks * batch * width),
      [y, u] = [new Float32Array(blocks * batch), new Float32Array(blocks * batch)];
    for (let i = 0; i < blocks * batch; i++) {
      const at = order[i % order.length];
      x.set(features.subarray(rows[at] * width, (rows[at] + 1) * width), i * width);
      y[i] = targets[at];
      u[i] = weights[at];
    }
    const blocked = (data: Float32Array, last: number): HostArray => ({ shape: [blocks, batch, last], dtype: "float32", data });
    return { x: blocked(x, width), y: blocked(y, 1), weight: blocked(u, 1) };
  }

  /** @param states the numbers of steps after which the network is wanted, in ascending order */
  async train(rows: NetworkRows, states: readonly number[], seed: number, signal?: AbortSignal): Promise<readonly Network[]> {
    const task = this.#task(rows, stream(seed, "regression order").permutation(rows.rows.length)),
      options = { task, seed, states, innerSteps: states.at(-1)!, executor: this.executor, losses: false };
    const { phis } = await adapt(this.#problem, signal ? { ...options, signal } : options);
    return phis;
  }

  /** What it says of some rows. */
  async predict(network: Network, features: Float32Array, rows: Int32Array): Promise<Float64Array> {
    const { width } = this,
      all = new Float64Array(rows.length),
      most = 4096;
    for (let start = 0; start < rows.length; start += most) {
      const some = rows.subarray(start, start + most),
        data = new Float32Array(some.length * width);
      some.forEach((from, to) => data.set(features.subarray(from * width, (from + 1) * width), to * width));
      const result = await this.#predict(network, { shape: [some.length, width], dtype: "float32", data });
      all.set(result.data, start);
    }
    return all;
  }
}
