import type { Executor, HostArray, Value } from "ufom";
import { adapt, defineProblem, evaluate, nn, np, optimizers } from "ufom";
import { stream } from "ufom/internal/core/random/index";

/** A layer x·W + b. */
interface Layer<T = Value> {
  readonly w: T;
  readonly b: T;
}

/** Which classifier: linear softmax, or one hidden layer of so many units. */
export interface Architecture {
  readonly name: "linear" | "mlp";
  readonly hidden: number;
}

export const architectures: readonly Architecture[] = [
  { name: "linear", hidden: 0 },
  { name: "mlp", hidden: 64 },
];

/** A trained classifier: its layers, the first one first. */
export type Weights = Layer<HostArray>[];

const rateOf = { linear: 0.005, mlp: 0.003 } as const;

/** λ of λ‖W‖², which keeps the weights of columns that never vary at rest. */
const lambda = 1e-4;

function logits(layers: readonly Layer[], x: Value): Value {
  return layers.reduce((h, { w, b }, i) => np.matmul(i === 0 ? h : nn.relu(h), w).add(b), x);
}

/** What a training needs to know of its rows. */
export interface TrainingShape {
  readonly width: number;
  readonly classes: number;
  /** Most rows of a training; fewer are filled up, so that all folds share one program. */
  readonly rows: number;
}

/**
 * Trains a classifier on rows whose evidence e_i[y] = log P(what is known of row i | true class y) is given: 0 at the label and −30 elsewhere where the
 * label is taken for true, log T[y, ỹ_i] where it came through a noise model. Adam on minibatches of
 *
 *     L = 1/B Σ_i −log Σ_y p(y | x_i) exp e_i[y] + λ Σ‖W‖²
 *
 * which is cross entropy for the first kind, and the forward correction of Patrini et al. (CVPR 2017) for the second.
 */
export class Trainer {
  readonly #batch: number;
  readonly #blocks: number;
  readonly #shape: TrainingShape;
  readonly #problem;
  readonly #predict;
  /** Steps of the longest training. */
  readonly steps: number;
  /** The numbers of steps among which one is chosen. */
  readonly choices: readonly number[];

  constructor(
    readonly architecture: Architecture,
    shape: TrainingShape,
    private readonly executor: Executor,
  ) {
    const { width, classes, rows } = shape,
      batch = rows <= 2000 ? 64 : rows <= 20_000 ? 128 : 512,
      blocks = Math.max(1, Math.ceil(rows / batch)),
      // Twenty times over few rows, and so often over many as is needed to come as far.
      steps = Math.max(blocks * (rows <= 20_000 ? 20 : 8), 320),
      { name, hidden } = architecture,
      sizes = hidden === 0 ? [width, classes] : [width, hidden, classes];
    this.#shape = shape;
    this.#batch = batch;
    this.#blocks = blocks;
    this.steps = steps;
    this.choices = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1].map(share => Math.round(share * steps));
    this.#problem = defineProblem({
      name: `${name} classifier`,
      theta: random => ({
        layers: sizes.slice(1).map((to, i) => ({
          w: random.normal([sizes[i], to], hidden === 0 ? 0 : Math.sqrt((i === 0 ? 1 : 2) / sizes[i])),
          b: random.normal([to], 0),
        })),
      }),
      task: () => this.#task(new Float32Array(width), new Float32Array(classes), Int32Array.of(0)),
      init: theta => theta.layers,
      inner: {
        loss: (_, phi, { x, evidence }, step) => {
          const block = np.mod(step, blocks),
            [xs, es] = [np.take(x, block, 0), np.take(evidence, block, 0)],
            fit = nn
              .logsumexp(nn.logSoftmax(logits(phi, xs)).add(es), -1)
              .mean()
              .neg();
          return phi.reduce((loss, { w }) => loss.add(np.square(w).sum().mul(lambda)), fit);
        },
        optimizer: optimizers.adam({ rate: rateOf[name] }),
        steps,
      },
      outer: () => np.zeros([]),
    });
    this.#predict = evaluate((layers: readonly Layer[], x: Value) => nn.logSoftmax(logits(layers, x)), { executor });
  }

  /** Rows in an order, the first ones again behind the last where they do not fill the blocks. */
  #task(features: Float32Array, evidence: Float32Array, order: Int32Array) {
    const { width, classes } = this.#shape,
      [batch, blocks] = [this.#batch, this.#blocks],
      x = new Float32Array(blocks * batch * width),
      e = new Float32Array(blocks * batch * classes);
    for (let i = 0; i < blocks * batch; i++) {
      const from = order[i % order.length];
      x.set(features.subarray(from * width, (from + 1) * width), i * width);
      e.set(evidence.subarray(from * classes, (from + 1) * classes), i * classes);
    }
    return {
      x: { shape: [blocks, batch, width], dtype: "float32", data: x } as HostArray,
      evidence: { shape: [blocks, batch, classes], dtype: "float32", data: e } as HostArray,
    };
  }

  /**
   * @param features n × width numbers
   * @param evidence n × classes numbers e_i[y]
   * @param rows the positions that are trained on
   * @param states the numbers of steps after which the classifier is wanted, in ascending order
   */
  async train(
    { features, evidence, rows }: { readonly features: Float32Array; readonly evidence: Float32Array; readonly rows: Int32Array },
    states: readonly number[],
    seed: number,
    signal?: AbortSignal,
  ): Promise<readonly Weights[]> {
    const shuffled = stream(seed, "cleaning order").permutation(rows.length),
      task = this.#task(
        features,
        evidence,
        shuffled.map(i => rows[i]),
      ),
      options = { task, seed, states, innerSteps: states.at(-1)!, executor: this.executor, losses: false };
    const { phis } = await adapt(this.#problem, signal ? { ...options, signal } : options);
    return phis;
  }

  /** log p(y | x) of some rows, n × classes. */
  async predict(weights: Weights, features: Float32Array, rows: Int32Array): Promise<Float64Array> {
    const { width, classes } = this.#shape,
      all = new Float64Array(rows.length * classes),
      most = 4096;
    for (let start = 0; start < rows.length; start += most) {
      const some = rows.subarray(start, start + most),
        data = new Float32Array(some.length * width);
      some.forEach((from, to) => data.set(features.subarray(from * width, (from + 1) * width), to * width));
      const result = await this.#predict(weights, { shape: [some.length, width], dtype: "float32", data });
      all.set(result.data, start * classes);
    }
    return all;
  }
}
