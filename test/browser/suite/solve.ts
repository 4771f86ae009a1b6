import { adam, chain, clipByGlobalNorm, cosine, defineProblem, np, solve, zeros } from "../../../src/index.js";
import type { Executor, FloatType, Value } from "../../../src/index.js";
import type { HostArray } from "../../../src/tensor/types.js";

type Layer = { w: Value; b: Value };
const net = (layers: Layer[], x: Value): Value =>
  layers.reduce((h, { w, b }, i) => {
    const z = np.matmul(h, w).add(b);
    return i < layers.length - 1 ? np.tanh(z) : z;
  }, x);
const meanSquare = (layers: Layer[], x: Value, y: Value): Value => np.square(net(layers, x).sub(y)).mean();

/** MAML with learned step sizes: the start of a small network from which five steps fit a wave. */
const problem = defineProblem({
  name: "waves",
  theta: random => ({
    start: [1, 16, 16].map((n, i) => ({ w: random.normal([n, [16, 16, 1][i]], 1 / Math.sqrt(n)), b: zeros([16, 16, 1][i]) })),
    logRate: { shape: [], dtype: "float32" as const, data: Float32Array.of(-4) },
  }),
  task: random => ({ wave: random.uniform([2]), x: random.uniform([10, 1], -3, 3), xQuery: random.uniform([15, 1], -3, 3) }),
  init: theta => theta.start,
  inner: {
    loss: (_, phi, { wave, x }) => meanSquare(phi, x, waveAt(wave, x)),
    rate: theta => np.exp(theta.logRate),
    steps: 5,
  },
  outer: (_, phi, { wave, xQuery }) => meanSquare(phi, xQuery, waveAt(wave, xQuery)),
});

/** Amplitude × sin(x + phase), as a part of the program. */
function waveAt(wave: Value, x: Value): Value {
  const [amplitude, phase] = [0, 1].map(i => np.slice(wave, i));
  return np.sin(x.add(phase.mul(Math.PI))).mul(amplitude.mul(2).add(0.5));
}

/** 100 outer steps of the unbiased estimator: θ after them, and of every step loss, length of the gradient, probability and draws. */
export async function solveCase(executor: Executor, dtype: FloatType): Promise<readonly HostArray[]> {
  const outer = chain(clipByGlobalNorm(1), adam(cosine(1e-2, 1e-3, 100)));
  const run = solve(problem, { estimator: "ufom:adaptive", outer, metaBatch: 2, outerSteps: 100, seed: 3, dtype, executor });
  const steps: number[] = [];
  for await (const { loss, gradientNorm, probability, exactDraws } of run) steps.push(loss, gradientNorm, probability, exactDraws);
  const { theta, outcome, message } = await run.result();
  if (outcome !== "finished") throw new Error(message);
  return [
    ...theta.start.flatMap(({ w, b }) => [w, b]),
    theta.logRate,
    { shape: [steps.length], dtype: "float64", data: Float64Array.from(steps) },
  ];
}
