// The inner loop is Adam. Learned: its step size, and a weight for each training image,
// half of whose labels are wrong.
import { adapt, defineProblem, full, i32, nn, np, optimizers, stream, zeros, type HostArray, type Value } from "ufom";
import { runHere } from "./helpers.js";
import { digits } from "./mnist.js";

const n = 500,
  train = digits("train", 0, n),
  clean = digits("train", n, 3 * n),
  test = digits("test", 0, 2000);

// A random half of the labels is drawn anew.
const random = stream(1, "wrong labels"),
  noisy = i32(train.y.data.map(label => (random.next() < 0.5 ? random.integer(10) : label)));

type Classifier = { w: Value; b: Value };
const losses = ({ w, b }: Classifier, x: Value, y: Value) => nn.crossEntropy(np.matmul(x, w).add(b), y);

const problem = defineProblem({
  name: "inner-adam",
  theta: () => ({ weight: zeros(n), logRate: full(-7) }),
  task: () => ({ x: train.x, y: noisy, xClean: clean.x, yClean: clean.y }),
  init: () => ({ w: np.zeros([784, 10]), b: np.zeros([10]) }),
  inner: {
    loss: (theta, phi, { x, y }) =>
      nn
        .sigmoid(theta.weight)
        .mul(losses(phi, x, y))
        .mean(),
    optimizer: theta => optimizers.adam({ rate: np.exp(theta.logRate) }),
    steps: 30,
  },
  outer: (_, phi, { xClean, yClean }) => losses(phi, xClean, yClean).mean(),
});
export default problem;

export const defaults = { estimator: "exact:checkpoint=8", outer: "clip-norm:0.01+adam:0.1,0.5", outerSteps: 60 };

/** Test losses with what was learned, with what it began with, and of equal weights with the best step size of many. */
export async function evaluate(theta: { weight: HostArray; logRate: HostArray }) {
  const task = { x: train.x, y: noisy, xClean: test.x, yClean: test.y };
  const lossAt = async (at: { weight: HostArray; logRate: HostArray }) => (await adapt(problem, { theta: at, task })).outer,
    equalWeights = (rate: number) => lossAt({ weight: zeros(n), logRate: full(Math.log(rate)) });
  const grid = await Promise.all([0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1].map(equalWeights));
  return {
    lossLearned: await lossAt(theta),
    lossBefore: await lossAt(problem.theta(1)),
    lossEqualWeights: Math.min(...grid),
    rate: Math.exp(theta.logRate.data[0]),
  };
}

await runHere(import.meta.url, problem, defaults, evaluate);
