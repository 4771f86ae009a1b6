// The bench's networks, in ufom.
import { lax, nn, np, type Value } from "../src/index.js";
import type { Case } from "./cases.js";
import { conv4Logits } from "./conv4.js";

type Leaves = readonly Value[];

/** The functions of a problem, on lists of leaves. */
export interface Functions {
  init(theta: Leaves, task: Leaves): Leaves;
  inner(theta: Leaves, phi: Leaves, task: Leaves): Value;
  outer(phi: Leaves, task: Leaves): Value;
}

const dense = (x: Value, w: Value, b: Value) => np.matmul(x, w).add(b);
const entropy = (logits: Value, labels: Value) => nn.crossEntropy(logits, labels).mean();
const squares = (a: Value, b: Value) => np.square(a.sub(b)).mean();

function mlp(p: Leaves, x: Value): Value {
  let h = x;
  for (let i = 0; i < p.length; i += 2) {
    const z = dense(h, p[i], p[i + 1]);
    h = i < p.length - 2 ? nn.relu(z) : z;
  }
  return h;
}

/** A pre-norm transformer block, its mean over tokens, and a linear classifier. */
const attention =
  (heads: number) =>
  (p: Leaves, x: Value): Value => {
    const [n, tokens, width] = x.shape,
      depth = width / heads,
      split = (h: Value) => h.reshape([n, tokens, heads, depth]).transpose([0, 2, 1, 3]),
      normed = nn.layerNorm(x, p[0], p[1]),
      [q, k, v] = [2, 3, 4].map(i => split(np.matmul(normed, p[i])));
    const weights = nn.softmax(np.matmul(q, k.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(depth))),
      mixed = np.matmul(weights, v).transpose([0, 2, 1, 3]).reshape([n, tokens, width]),
      h = x.add(np.matmul(mixed, p[5])),
      y = h.add(mlp(p.slice(8, 12), nn.layerNorm(h, p[6], p[7])));
    return dense(y.mean(1), p[12], p[13]);
  };

/** The number that is read off the last state. */
function gru([input, hidden, inputBias, hiddenBias, w, b]: Leaves, x: Value): Value {
  const step = (state: Value, row: Value) => [nn.gru({ input, hidden, inputBias, hiddenBias }, state, row), null] as const,
    [h] = lax.scan(step, np.zeros([x.shape[1], hidden.shape[0]]), x);
  return dense(h, w, b);
}

/** θ is where the inner loop begins; a task is a batch to learn from and one to be judged on. */
const initialization = (net: (p: Leaves, x: Value) => Value, loss: (y: Value, target: Value) => Value): Functions => ({
  init: theta => theta,
  inner: (_, phi, task) => loss(net(phi, task[0]), task[1]),
  outer: (phi, task) => loss(net(phi, task[2]), task[3]),
});

const linearStart = (): Leaves => [np.zeros([784, 10]), np.zeros([10])];
const linear = (phi: Leaves, x: Value) => dense(x, phi[0], phi[1]);

const cleaning = (decay: number): Functions => ({
  init: linearStart,
  inner: (theta, phi, task) =>
    nn
      .sigmoid(theta[0])
      .mul(nn.crossEntropy(linear(phi, task[0]), task[1]))
      .mean()
      .add(np.square(phi[0]).sum().mul(decay)),
  outer: (phi, task) => entropy(linear(phi, task[2]), task[3]),
});

const distillation: Functions = {
  init: linearStart,
  inner: (theta, phi, task) => entropy(linear(phi, theta[0]), task[0]),
  outer: (phi, task) => entropy(linear(phi, task[1]), task[2]),
};

/** The functions of a case's problem. */
export function functionsOf({ network, settings }: Pick<Case, "network" | "settings">): Functions {
  switch (network) {
    case "mlp":
      return initialization(mlp, settings.squares ? squares : entropy);
    case "attention":
      return initialization(attention(settings.heads), entropy);
    case "gru":
      return initialization(gru, squares);
    case "conv4":
      return initialization(conv4Logits, entropy);
    case "hyper-cleaning":
      return cleaning(settings.decay);
    case "distillation":
      return distillation;
  }
}
