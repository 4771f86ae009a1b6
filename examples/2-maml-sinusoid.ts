// MAML: learn from where a small network fits a new sine wave in ten steps on ten points.
import { adapt, defineProblem, nn, np, zeros, type HostArray, type Value } from "ufom";
import { runHere } from "./helpers.js";

const widths = [1, 40, 40, 1];

type Layer<T> = { w: T; b: T };
const network = (layers: Layer<Value>[], x: Value) =>
  layers.reduce((h, { w, b }, i) => {
    const z = np.matmul(h, w).add(b);
    return i < layers.length - 1 ? nn.relu(z) : z;
  }, x);

type Wave<T> = { amplitude: T; phase: T };
// The wave is computed inside of the program and not by Math.sin, whose last bits differ from one JavaScript engine to another.
const wave = ({ amplitude, phase }: Wave<Value>, x: Value) => np.sin(x.add(phase)).mul(amplitude);
const error = (layers: Layer<Value>[], of: Wave<Value>, x: Value) => np.square(network(layers, x).sub(wave(of, x))).mean();

const problem = defineProblem({
  name: "maml-sinusoid",
  theta: random =>
    widths.slice(1).map((out, i): Layer<HostArray> => ({ w: random.normal([widths[i], out], Math.sqrt(1 / widths[i])), b: zeros(out) })),
  task: random => ({
    wave: { amplitude: random.uniform([], 0.1, 5), phase: random.uniform([], 0, Math.PI) },
    support: random.uniform([10, 1], -5, 5),
    query: random.uniform([10, 1], -5, 5),
  }),
  init: theta => theta,
  inner: {
    loss: (_, phi, task) => error(phi, task.wave, task.support),
    rate: 0.01,
    steps: 10,
  },
  outer: (_, phi, task) => error(phi, task.wave, task.query),
});
export default problem;

export const defaults = { estimator: "ufom:adaptive", outer: "adam:0.001", outerSteps: 5000, metaBatch: 4 };

/** Mean errors on 200 waves that were never seen: of what was learned before and after its ten steps, and of a random network after them. */
export async function evaluate(theta: Layer<HostArray>[]) {
  const waves = await Promise.all(Array.from({ length: 200 }, (_, i) => problem.task(2, 1, i)));
  const mean = async (from: Layer<HostArray>[], innerSteps: number) => {
    let sum = 0;
    for (const task of waves) sum += (await adapt(problem, { theta: from, task, innerSteps })).outer;
    return sum / waves.length;
  };
  return {
    before: await mean(theta, 0),
    after: await mean(theta, problem.steps),
    randomAfter: await mean(problem.theta(1), problem.steps),
  };
}

await runHere(import.meta.url, problem, defaults, evaluate);
