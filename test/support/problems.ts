// Small smooth problems for tests of the core, each with its specification, so that a test can compute the same thing another way.
import { defineProblem, grad, nn, np, random as draws, tree, type Problem, type ProblemSpec, type Value } from "../../src/index.js";
import type { AnySpec } from "../../src/core/problem/spec.js";
import type { Random } from "../../src/core/random/index.js";
import type { HostArray, HostTree } from "../../src/tensor/types.js";

export interface Sample {
  readonly name: string;
  readonly spec: AnySpec;
  readonly problem: Problem;
}

export function sample<TH extends HostTree, TK extends HostTree, Φ, S = Value[]>(spec: ProblemSpec<TH, TK, Φ, S>): Sample {
  const problem = defineProblem(spec) as unknown as Problem;
  return { name: problem.name, spec: spec as unknown as AnySpec, problem };
}

/** Normal numbers in float64: float32 data would hide what float64 shows. */
export function normal64(random: Random, shape: readonly number[], scale = 1, shift = 0): HostArray {
  const { data } = random.normal(shape);
  return { shape, dtype: "float64", data: Float64Array.from(data, x => shift + scale * x) };
}

export const regressionTask = (random: Random) => ({
  x: normal64(random, [7, 3]),
  y: normal64(random, [7, 2]),
  xOut: normal64(random, [5, 3]),
  yOut: normal64(random, [5, 2]),
});

type Net = { readonly w: Value; readonly b: Value; readonly out: Value };
export const net = ({ w, b, out }: Net, x: Value): Value => np.matmul(np.tanh(np.matmul(x, w).add(b)), out);
export const squares = (prediction: Value, y: Value): Value => np.square(prediction.sub(y)).mean();
export const netAt = (random: Random) => ({
  w: normal64(random, [3, 4], 0.6),
  b: normal64(random, [4], 0.3),
  out: normal64(random, [4, 2], 0.6),
});

/** f of the scalar family (test/support/scalar.ts) around b/a, in the tensor language. */
function family(x: Value, { a, b, A }: { a: Value; b: Value; A: Value }): Value {
  const z = np.abs(x.sub(b.div(a))),
    beyond = z.sub(A),
    half = (v: Value) => v.div(2);
  const bottom = half(a.mul(z).mul(z));
  const middle = a
    .mul(beyond.pow(3))
    .div(-6)
    .add(half(a.mul(beyond.pow(2))))
    .add(a.mul(A).mul(z))
    .sub(half(a.mul(A).mul(A)));
  const straight = half(a)
    .add(a.mul(A))
    .mul(z)
    .sub(a.div(6))
    .sub(half(a.mul(A).mul(A)))
    .sub(half(a.mul(A)));
  return np.where(z.lessEqual(A), bottom, np.where(z.lessEqual(A.add(1)), middle, straight));
}
const between = (random: Random, low: number, high: number): HostArray => ({
  shape: [],
  dtype: "float64",
  data: Float64Array.of(low + (high - low) * random.next()),
});

/** θ is where a scalar inner loop starts; test/support/scalar.ts has it in closed form. */
export const scalarFamily = sample({
  name: "scalar family",
  theta: random => between(random, -8, 8),
  task: random => ({ a: between(random, 0.5, 1.5), b: between(random, -2, 2), A: between(random, 1, 4) }),
  init: theta => theta,
  inner: { loss: (_, phi, task) => family(phi, task), rate: 0.1, steps: 10 },
  outer: (_, phi, task) => family(phi, task),
});

/** θ enters the inner loss only: one log penalty a feature. */
export const ridge = sample({
  name: "ridge penalties",
  theta: random => ({ logPenalty: normal64(random, [4], 0.5, -1) }),
  task: random => ({ x: normal64(random, [9, 4]), y: normal64(random, [9]), xOut: normal64(random, [6, 4]), yOut: normal64(random, [6]) }),
  init: () => np.zeros([4]),
  inner: {
    loss: (theta, w, task) => squares(np.dot(task.x, w), task.y).add(np.exp(theta.logPenalty).mul(w).mul(w).sum()),
    rate: 0.05,
    steps: 12,
  },
  outer: (_, w, task) => squares(np.dot(task.xOut, w), task.yOut),
});

/** θ is the initialization of a network with a smooth activation. */
export const initialization = sample({
  name: "initialization of a network",
  theta: netAt,
  task: regressionTask,
  init: theta => theta,
  inner: { loss: (_, phi, task) => squares(net(phi, task.x), task.y), rate: 0.2, steps: 5 },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** θ enters the start, the inner loss and the outer loss. */
export const everywhere = sample({
  name: "θ everywhere",
  theta: random => ({ start: netAt(random), weight: normal64(random, [7]), decay: normal64(random, [], 0.2, -2) }),
  task: regressionTask,
  init: theta => theta.start,
  inner: {
    loss: ({ weight, decay }, phi, task) =>
      nn
        .sigmoid(weight)
        .mul(np.square(net(phi, task.x).sub(task.y)).sum(-1))
        .mean()
        .add(np.exp(decay).mul(tree.sumSquares(phi))),
    rate: 0.15,
    steps: 4,
  },
  outer: ({ decay }, phi, task) => squares(net(phi, task.xOut), task.yOut).add(np.square(decay).mul(0.1)),
});

/** θ enters the inner loss only: a weight a training sample. */
export const sampleWeights = sample({
  name: "sample weights",
  theta: random => ({ weight: normal64(random, [7]) }),
  task: random => ({ ...regressionTask(random), start: netAt(random) }),
  init: (_, task) => task.start,
  inner: {
    loss: ({ weight }, phi, task) =>
      nn
        .sigmoid(weight)
        .mul(np.square(net(phi, task.x).sub(task.y)).sum(-1))
        .mean(),
    rate: 0.15,
    steps: 5,
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** θ is a log step size a step and a start. */
export const stepRates = sample({
  name: "learned rates by step",
  theta: random => ({ logRate: normal64(random, [5], 0.3, -2), start: netAt(random) }),
  task: regressionTask,
  init: theta => theta.start,
  inner: {
    loss: (_, phi, task) => squares(net(phi, task.x), task.y),
    rate: (theta, step) => np.exp(np.take(theta.logRate, step)),
    steps: 5,
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** θ is a log step size an array, one of them an element. */
export const arrayRates = sample({
  name: "learned rates by array",
  theta: random => ({ w: normal64(random, [], 0.2, -2), b: normal64(random, [4], 0.2, -2), out: normal64(random, [4, 1], 0.2, -2) }),
  task: random => ({ ...regressionTask(random), start: netAt(random) }),
  init: (_, task) => task.start,
  inner: {
    loss: (_, phi, task) => squares(net(phi, task.x), task.y),
    rate: ({ w, b, out }, step) => {
      const damped = (log: Value) => np.exp(log).div(step.astype(np.float32).add(1));
      return { w: damped(w), b: damped(b), out: damped(out) };
    },
    steps: 4,
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** The step sizes of {@link listedRates}, none of which float32 holds. */
export const ratesInAList = [0.3, 0.1, 0.2, 0.7] as const;

/** Step sizes from a list of numbers. */
export const listedRates = sample({
  name: "rates from a list",
  theta: netAt,
  task: regressionTask,
  init: theta => theta,
  inner: { loss: (_, phi, task) => squares(net(phi, task.x), task.y), rate: ratesInAList, steps: 4 },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** Two rows and a mask of their own for each step. */
export const minibatches = sample({
  name: "a minibatch and a mask a step",
  theta: netAt,
  task: random => ({ ...regressionTask(random), key: random.key() }),
  init: theta => theta,
  inner: {
    loss: (_, phi, task, step) => {
      const rows = np.arange(2).add(step.mul(2)),
        x = nn.dropout(np.take(task.x, rows, 0), 0.25, draws.foldIn(task.key, step));
      return squares(net(phi, x), np.take(task.y, rows, 0));
    },
    rate: 0.3,
    steps: 3,
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** Heavy-ball momentum inside; θ is the start, and through the step size and the first velocity more than that. */
export const momentumInside = sample({
  name: "momentum inside",
  theta: random => ({ start: netAt(random), logRate: normal64(random, [], 0.1, -2), kick: normal64(random, [4], 0.1) }),
  task: regressionTask,
  init: theta => theta.start,
  inner: {
    steps: 4,
    state: ({ kick }, phi) => ({ velocity: { ...tree.zerosLike(phi), b: kick } }),
    step: (theta, { phi, state }, task) => {
      const g = grad((p: typeof phi) => squares(net(p, task.x), task.y))(phi);
      const velocity = tree.map((v, d) => v.mul(0.8).add(d), state.velocity, g);
      return { phi: tree.map((p, v) => p.sub(np.exp(theta.logRate).mul(v)), phi, velocity), state: { velocity } };
    },
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** Adam inside, ε under the root so that the derivative at a zero gradient is finite; sample weights and the step size are learned. */
export const adamInside = sample({
  name: "Adam inside",
  theta: random => ({ weight: normal64(random, [7]), logRate: normal64(random, [], 0.1, -3) }),
  task: random => ({ ...regressionTask(random), start: netAt(random) }),
  init: (_, task) => task.start,
  inner: {
    steps: 4,
    state: (_, phi) => ({ m: tree.zerosLike(phi), v: tree.zerosLike(phi) }),
    step: (theta, { phi, state, step }, task) => {
      const loss = (p: typeof phi) =>
        nn
          .sigmoid(theta.weight)
          .mul(np.square(net(p, task.x).sub(task.y)).sum(-1))
          .mean();
      const g = grad(loss)(phi),
        t = step.astype(np.float32).add(1),
        rate = np.exp(theta.logRate);
      const unbias = (beta: number) =>
        np
          .exp(t.mul(Math.log(beta)))
          .neg()
          .add(1);
      const m = tree.map((a, d) => a.mul(0.9).add(d.mul(0.1)), state.m, g),
        v = tree.map((a, d) => a.mul(0.99).add(np.square(d).mul(0.01)), state.v, g);
      const moved = tree.map((p, a, b) => p.sub(rate.mul(a.div(unbias(0.9))).div(np.sqrt(b.div(unbias(0.99)).add(1e-8)))), phi, m, v);
      return { phi: moved, state: { m, v } };
    },
  },
  outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
});

/** No inner steps: the hypergradient is ∂_θL_out + (∂V/∂θ)ᵀ∂_φL_out. */
export const noSteps = sample({
  name: "no inner steps",
  theta: random => ({ start: netAt(random), decay: normal64(random, [], 0.2) }),
  task: regressionTask,
  init: theta => tree.map(p => p.mul(2), theta.start),
  inner: { loss: (_, phi, task) => squares(net(phi, task.x), task.y), rate: 0.1, steps: 0 },
  outer: ({ decay }, phi, task) => squares(net(phi, task.xOut), task.yOut).add(decay.mul(tree.sumSquares(phi))),
});

/** Every one of them. */
export const samples: readonly Sample[] = [
  scalarFamily,
  ridge,
  initialization,
  everywhere,
  sampleWeights,
  stepRates,
  arrayRates,
  listedRates,
  minibatches,
  momentumInside,
  adamInside,
  noSteps,
];
