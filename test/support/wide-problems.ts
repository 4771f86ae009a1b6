// Problems large enough for residuals to be worth keeping, one for each form of the inner loop.
import { grad, lax, nn, np, optimizers, tree, type Value } from "../../src/index.js";
import type { Random } from "../../src/core/random/index.js";
import { sample, type Sample } from "./problems.js";

type Net = { readonly a: Value; readonly b: Value; readonly c: Value };
const netAt = (random: Random) => ({ a: random.normal([24, 40]), b: random.normal([40, 40]), c: random.normal([40, 3]) });
const scaled = (phi: Net): Net => ({ a: phi.a.mul(0.2), b: phi.b.mul(0.15), c: phi.c.mul(0.15) });
const task = (random: Random) => ({
  x: random.normal([48, 24]),
  y: random.normal([48, 3]),
  xOut: random.normal([20, 24]),
  yOut: random.normal([20, 3]),
});
const out = ({ a, b, c }: Net, x: Value) => np.matmul(np.tanh(np.matmul(np.tanh(np.matmul(x, a)), b)), c);
const each = (phi: Net, x: Value, y: Value) => np.square(out(phi, x).sub(y)).sum(-1);
const outer = (_: unknown, phi: Net, { xOut, yOut }: { xOut: Value; yOut: Value }) => each(phi, xOut, yOut).mean();

/** θ in the start, the inner loss and the outer loss. */
const everywhere = sample({
  name: "wide: θ everywhere",
  theta: random => ({ start: netAt(random), weight: random.normal([48]), decay: random.normal([]) }),
  task,
  init: theta => scaled(theta.start),
  inner: {
    loss: ({ weight, decay }, phi, t) =>
      nn
        .sigmoid(weight)
        .mul(each(phi, t.x, t.y))
        .mean()
        .add(np.square(decay).mul(0.01).mul(tree.sumSquares(phi))),
    rate: 0.05,
    steps: 5,
  },
  outer: ({ decay }, phi, t) => outer(0, phi, t).add(np.square(decay)),
});

/** Rates of every number of φ, as in Meta-SGD. */
const metaSgd = sample({
  name: "wide: a learned rate a number",
  theta: random => ({ start: netAt(random), logRate: netAt(random) }),
  task,
  init: theta => scaled(theta.start),
  inner: {
    loss: (_, phi, t) => each(phi, t.x, t.y).mean(),
    rate: theta => tree.map(v => np.exp(v.mul(0.1)).mul(0.05), theta.logRate),
    steps: 4,
  },
  outer,
});

/** One learned rate a step, and another part of the batch a step. */
const minibatches = sample({
  name: "wide: a minibatch and a rate a step",
  theta: random => ({ start: netAt(random), logRate: random.normal([6]) }),
  task,
  init: theta => scaled(theta.start),
  inner: {
    loss: (_, phi, t, step) => {
      const rows = np.arange(8).add(step.mul(8));
      return each(phi, np.take(t.x, rows, 0), np.take(t.y, rows, 0)).mean();
    },
    rate: (theta, step) => np.exp(np.take(theta.logRate, step, 0).mul(0.1)).mul(0.05),
    steps: 6,
  },
  outer,
});

/** A step of the user's own, with momentum. */
const ownStep = sample({
  name: "wide: a step of its own",
  theta: random => ({ start: netAt(random), logit: random.normal([]) }),
  task,
  init: theta => scaled(theta.start),
  inner: {
    state: (_, phi) => tree.zerosLike(phi),
    step: ({ logit }, { phi, state }, t) => {
      const loss = (p: Net) => each(p, t.x, t.y).mean(),
        gradient = nn.sigmoid(logit),
        moved = tree.map((v, g) => v.mul(gradient).add(g), state, grad(loss)(phi));
      return { phi: tree.map((p, v) => p.sub(v.mul(0.02)), phi, moved), state: moved };
    },
    steps: 4,
  },
  outer,
});

/** Adam with what it is told learned. */
const adam = sample({
  name: "wide: Adam by its name",
  theta: random => ({ start: netAt(random), logRate: random.normal([]) }),
  task,
  init: theta => scaled(theta.start),
  inner: {
    loss: (_, phi, t) => each(phi, t.x, t.y).mean(),
    optimizer: ({ logRate }) => optimizers.adam({ rate: np.exp(logRate.mul(0.1)).mul(0.01) }),
    steps: 4,
  },
  outer,
});

const classified = (w: readonly Value[], x: Value) => {
  let h = x;
  for (const k of [0, 2]) {
    const y = lax.conv(h, w[k], [2, 2], "SAME"),
      channels = y.shape[1];
    h = nn.relu(nn.batchNorm(y, np.ones([channels]), w[k + 1]));
  }
  return nn.crossEntropy(np.matmul(h.reshape([10, -1]), w[4]), np.arange(10).astype(np.int32).mul(0)).mean();
};

/** Convolutions with batch norm and a linear head. */
const images = sample({
  name: "wide: convolutions",
  theta: random => [
    random.normal([8, 1, 3, 3]),
    random.normal([8]),
    random.normal([16, 8, 3, 3]),
    random.normal([16]),
    random.normal([64, 5]),
  ],
  task: random => ({ x: random.normal([10, 1, 8, 8]), xOut: random.normal([10, 1, 8, 8]) }),
  init: theta => theta.map(v => v.mul(0.3)),
  inner: { loss: (_, phi, t) => classified(phi, t.x), rate: 0.1, steps: 4 },
  outer: (_, phi, t) => classified(phi, t.xOut),
});

export type WideSample = Sample;

export const wideProblems: readonly Sample[] = [everywhere, metaSgd, minibatches, ownStep, adam, images];
