// Learn a step size for each of the twelve steps with which a linear classifier is trained on 500 images, so that it does well on
// others after so few of them.
import { adapt, defineProblem, full, nn, np, type HostArray, type Value } from "ufom";
import { runHere } from "./helpers.js";
import { digits } from "./mnist.js";

const steps = 12;

/** Forty batches to learn from, ten to see what was learned. */
const batch = (k: number) => digits("train", 500 * k, 500 * (k + 1)),
  batches = Array.from({ length: 40 }, (_, k) => batch(k)),
  newBatches = Array.from({ length: 10 }, (_, k) => batch(40 + k));
const validation = digits("train", 50_000, 51_000),
  test = digits("test", 0, 1000);

const loss = (w: Value, { x, y }: { x: Value; y: Value }) => nn.crossEntropy(np.matmul(x, w), y).mean();

const problem = defineProblem({
  name: "learned-step-sizes",
  theta: () => ({ logRate: full(-1.2, steps) }),
  task: random => ({ train: batches[random.integer(batches.length)], validation }),
  init: () => np.zeros([784, 10]),
  inner: {
    loss: (_, w, task) => loss(w, task.train),
    // `step` is a value, so that one program serves all steps.
    rate: (theta, step) => np.exp(np.take(theta.logRate, step)),
    steps,
  },
  outer: (_, w, task) => loss(w, task.validation),
});
export default problem;

export const defaults = { estimator: "exact", outer: "adam:0.02", outerSteps: 300, metaBatch: 2 };

/** Mean test losses after twelve steps on batches never seen: with the step sizes found, and with the best constant one. */
export async function evaluate(theta: { logRate: HostArray }) {
  const mean = async (rates: { logRate: HostArray }) => {
    let sum = 0;
    for (const train of newBatches) sum += (await adapt(problem, { theta: rates, task: { train, validation: test } })).outer;
    return sum / newBatches.length;
  };
  const constants = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.6, 2],
    losses: number[] = [];
  for (const rate of constants) losses.push(await mean({ logRate: full(Math.log(rate), steps) }));
  const lossBestConstant = Math.min(...losses);
  return { lossLearned: await mean(theta), lossBestConstant, bestConstant: constants[losses.indexOf(lossBestConstant)] };
}

await runHere(import.meta.url, problem, defaults, evaluate);
