// Small smooth problems whose inner loop is one of the library's optimizers.
import { cosine, nn, np, optimizers } from "../../src/index.js";
import { net, netAt, normal64, regressionTask, sample, squares } from "./problems.js";

/** The library's momentum, with a start, a rate an array and a momentum that are learned. */
export const namedMomentum = sample({
  name: "momentum by its name",
  theta: random => ({ start: netAt(random), logRates: normal64(random, [3], 0.2, -2), momentum: normal64(random, [], 0.2) }),
  task: regressionTask,
  init: theta => theta.start,
  inner: {
    loss: (_, phi, task) => squares(net(phi, task.x), task.y),
    optimizer: ({ logRates, momentum }) => {
      const [w, b, out] = [0, 1, 2].map(i => np.exp(logRates.slice(i)));
      return optimizers.momentum({ rate: { w, b, out }, momentum: nn.sigmoid(momentum) });
    },
    steps: 4,
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** The library's Adam, with everything about it learned, and sample weights. */
export const namedAdam = sample({
  name: "Adam by its name",
  theta: random => ({
    weight: normal64(random, [7]),
    logRate: normal64(random, [], 0.1, -3),
    decays: normal64(random, [2], 0.2, 1),
    logEpsilon: normal64(random, [], 0.1, -4),
  }),
  task: random => ({ ...regressionTask(random), start: netAt(random) }),
  init: (_, task) => task.start,
  inner: {
    loss: ({ weight }, phi, task) =>
      nn
        .sigmoid(weight)
        .mul(np.square(net(phi, task.x).sub(task.y)).sum(-1))
        .mean(),
    optimizer: ({ logRate, decays, logEpsilon }) =>
      optimizers.adam({
        rate: k => np.exp(logRate).div(np.sqrt(k)),
        beta1: nn.sigmoid(decays.slice(0)),
        beta2: nn.sigmoid(decays.slice(1)),
        epsilon: np.exp(logEpsilon),
      }),
    steps: 4,
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** AdamW with a schedule of the outer loop, and weight decays that are learned by array. */
export const namedAdamW = sample({
  name: "AdamW by its name",
  theta: random => ({ start: netAt(random), decay: { w: normal64(random, [3, 1], 0.1, 0.5), b: normal64(random, [], 0.1, 0.5) } }),
  task: regressionTask,
  init: theta => theta.start,
  inner: {
    loss: (_, phi, task) => squares(net(phi, task.x), task.y),
    optimizer: ({ decay: { w, b } }) => optimizers.adamw({ rate: cosine(0.1, 0.01, 4), weightDecay: { w, b, out: 0.2 } }),
    steps: 4,
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** RMSprop with momentum; θ is the start and the decay of the average. */
export const namedRmsprop = sample({
  name: "RMSprop by its name",
  theta: random => ({ start: netAt(random), decay: normal64(random, [], 0.2, 1) }),
  task: regressionTask,
  init: theta => theta.start,
  inner: {
    loss: (_, phi, task) => squares(net(phi, task.x), task.y),
    optimizer: ({ decay }) => optimizers.rmsprop({ rate: 0.02, decay: nn.sigmoid(decay), momentum: 0.5 }),
    steps: 4,
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** Nesterov's momentum; θ is the start and a weight a sample. */
export const namedNesterov = sample({
  name: "Nesterov's momentum by its name",
  theta: random => ({ start: netAt(random), weight: normal64(random, [7]) }),
  task: regressionTask,
  init: theta => theta.start,
  inner: {
    loss: ({ weight }, phi, task) =>
      nn
        .sigmoid(weight)
        .mul(np.square(net(phi, task.x).sub(task.y)).sum(-1))
        .mean(),
    optimizer: optimizers.nesterov({ rate: 0.1, momentum: 0.7 }),
    steps: 4,
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** Every one of them. */
export const namedOptimizers = [namedMomentum, namedAdam, namedAdamW, namedRmsprop, namedNesterov] as const;
