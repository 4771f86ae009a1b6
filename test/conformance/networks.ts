import { stream } from "../../src/core/random/index.js";
import * as lax from "../../src/tensor/lax.js";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { grad, jvp, valueAndGrad } from "../../src/tensor/transform.js";
import type { HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";

/** Arrays by name: φ of a network. */
export type Weights = Record<string, Value>;

/** A classifier, as large as the reference executor can take. */
export interface Network {
  readonly name: string;
  readonly weights: Readonly<Record<string, Shape>>;
  /** Shape of a batch. */
  readonly input: Shape;
  readonly classes: number;
  /** [n, …] → [n, classes]. `activation`: the network's own is relu; a smooth one is for differences. */
  logits(w: Weights, x: Value, activation: (x: Value) => Value): Value;
}

const dense = (w: Weights, name: string, x: Value): Value => np.matmul(x, w[name]).add(w[`${name}Bias`]);
const affine = (name: string, from: number, to: number) => ({ [name]: [from, to], [`${name}Bias`]: [to] });
const flatten = (x: Value): Value => x.reshape([x.shape[0], -1]);
const channels = (w: Weights, name: string): Value => w[name].reshape([-1, 1, 1]);

const mlp: Network = {
  name: "an MLP",
  weights: { ...affine("first", 5, 9), ...affine("second", 9, 7), ...affine("last", 7, 3) },
  input: [6, 5],
  classes: 3,
  logits: (w, x, activation) => dense(w, "last", activation(dense(w, "second", activation(dense(w, "first", x))))),
};

const normalized: Network = {
  name: "a conv net with batch norm",
  weights: {
    first: [4, 1, 3, 3],
    firstScale: [4],
    firstShift: [4],
    second: [6, 2, 3, 3],
    secondScale: [6],
    secondShift: [6],
    ...affine("last", 6 * 2 * 2, 3),
  },
  input: [4, 1, 7, 7],
  classes: 3,
  logits: (w, x, activation) => {
    const layer = (name: string, x: Value, groups: number) => {
      const y = lax.conv(x, w[name], [2, 2], "SAME", { groups });
      return activation(nn.batchNorm(y, w[`${name}Scale`], w[`${name}Shift`]));
    };
    return dense(w, "last", flatten(layer("second", layer("first", x, 1), 2)));
  },
};

const pooled: Network = {
  name: "a max-pool net",
  weights: { first: [3, 2, 3, 3], firstBias: [3], second: [4, 3, 2, 2], secondBias: [4], ...affine("last", 4, 3) },
  input: [4, 2, 8, 9],
  classes: 3,
  logits: (w, x, activation) => {
    const layer = (name: string, x: Value, padding: lax.Padding) =>
      activation(lax.conv(x, w[name], [1, 1], padding).add(channels(w, `${name}Bias`)));
    const first = nn.maxPool(layer("first", x, "SAME"), { window: [2, 2] });
    const second = nn.maxPool(layer("second", first, "VALID"), { window: [3, 2], strides: [2, 1], padding: "SAME" });
    return dense(w, "last", second.mean([2, 3]));
  },
};

const attention: Network = {
  name: "an attention block",
  weights: {
    before: [6],
    beforeShift: [6],
    queries: [6, 6],
    keys: [6, 6],
    values: [6, 6],
    ...affine("out", 6, 6),
    after: [6],
    afterShift: [6],
    ...affine("wide", 6, 8),
    ...affine("narrow", 8, 6),
    ...affine("last", 6, 3),
  },
  input: [3, 5, 6],
  classes: 3,
  logits: (w, x, activation) => {
    const [n, tokens, width] = x.shape,
      heads = 2;
    const apart = (y: Value) => y.reshape([n, tokens, heads, width / heads]).transpose([0, 2, 1, 3]);
    const y = nn.layerNorm(x, w.before, w.beforeShift),
      earlier = np.lessEqual(np.arange(tokens), np.arange(tokens).reshape([tokens, 1]));
    const [q, k, v] = ["queries", "keys", "values"].map(name => apart(np.matmul(y, w[name])));
    const seen = nn.attention(q, k, v, { mask: earlier }).transpose([0, 2, 1, 3]).reshape([n, tokens, width]);
    const z = x.add(dense(w, "out", seen));
    const fed = z.add(dense(w, "narrow", activation(dense(w, "wide", nn.layerNorm(z, w.after, w.afterShift)))));
    return dense(w, "last", fed.mean(1));
  },
};

export const networks: readonly Network[] = [mlp, normalized, pooled, attention];

/** θ: the logits of each example's weight, what is added to the batch, and the logarithm of a penalty. */
type Outer = Record<"weights" | "change" | "decay", Value>;
/** A batch and its classes. */
type Task = Record<"x" | "labels", Value>;

/** L(θ, φ) = Σ σ(θ.weightsᵢ) ℓᵢ(φ) / n + e^{θ.decay} ‖φ‖²: what is outside reaches every layer. */
export const lossOf =
  ({ logits }: Network, activation: (x: Value) => Value) =>
  (theta: Outer, w: Weights, { x, labels }: Task): Value => {
    const losses = nn.crossEntropy(logits(w, x.add(theta.change), activation), labels);
    const squares = Object.values(w).map(v => np.square(v).sum());
    const penalty = squares.reduce((a, b) => a.add(b)).mul(np.exp(theta.decay));
    return nn.sigmoid(theta.weights).mul(losses).mean().add(penalty);
  };

/** The loss, its gradient in φ, and both products of a step with u: H u and (∂²L/∂θ∂φ)ᵀ u. */
export const productsOf = (network: Network, activation: (x: Value) => Value) => {
  const loss = lossOf(network, activation);
  return (theta: Outer, w: Weights, u: Weights, task: Task) => {
    const [value, gradient] = valueAndGrad((w: Weights) => loss(theta, w, task))(w);
    const along = ({ theta, w }: { theta: Outer; w: Weights }) => jvp((w: Weights) => loss(theta, w, task), w, u)[1];
    const second = grad(along)({ theta, w });
    return { loss: value, gradient, hessian: second.w, mixed: second.theta };
  };
};

/** The loss and its derivative along u: what has the derivatives that `productsOf` gives. */
export const slopeOf = (network: Network, activation: (x: Value) => Value) => {
  const loss = lossOf(network, activation);
  return (theta: Outer, w: Weights, u: Weights, task: Task): Value[] => jvp((w: Weights) => loss(theta, w, task), w, u);
};

type Numbers<T> = Record<keyof T, HostArray>;

/** Numbers for `productsOf`'s arguments. */
export function numbersFor(
  { name, weights, input, classes }: Network,
  seed: number,
): [Numbers<Outer>, Numbers<Weights>, Numbers<Weights>, Numbers<Task>] {
  const random = stream(seed, name),
    n = input[0];
  const all = (scale: number) => Object.fromEntries(Object.entries(weights).map(([key, shape]) => [key, random.normal(shape, scale)]));
  return [
    { weights: random.normal([n]), change: random.normal(input.slice(1), 0.1), decay: random.normal([], 0.1) },
    all(0.6),
    all(1),
    {
      x: random.normal(input),
      labels: { shape: [n], dtype: "int32", data: Int32Array.from({ length: n }, () => random.integer(classes)) },
    },
  ];
}
