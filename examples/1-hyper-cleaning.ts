// Half of the training labels are wrong, and nobody says which. Learn a weight for each image, so that a linear classifier
// trained with the weights does well on images whose labels are right.
import { adapt, defineProblem, evaluate, f32, i32, nn, np, stream, zeros, type HostArray, type Value } from "ufom";
import { runHere } from "./helpers.js";
import { digits } from "./mnist.js";

const n = 1000,
  train = digits("train", 0, n),
  clean = digits("train", n, 2 * n),
  test = digits("test", 0, 2000);

// Every label of a random half is moved to one of the nine other classes.
const random = stream(1, "wrong labels"),
  wrong = new Set(random.permutation(n).subarray(0, n / 2)),
  given = i32(Array.from(train.y.data, (label, i) => (wrong.has(i) ? (label + 1 + random.integer(9)) % 10 : label)));

type Classifier = { w: Value; b: Value };
const logits = ({ w, b }: Classifier, x: Value) => np.matmul(x, w).add(b);
const losses = (phi: Classifier, x: Value, y: Value) => nn.crossEntropy(logits(phi, x), y);

const problem = defineProblem({
  name: "hyper-cleaning",
  theta: () => ({ weight: zeros(n) }),
  task: () => ({ x: train.x, y: given, xClean: clean.x, yClean: clean.y }),
  init: () => ({ w: np.zeros([784, 10]), b: np.zeros([10]) }),
  inner: {
    loss: (theta, phi, { x, y }) => {
      const weighted = nn.sigmoid(theta.weight).mul(losses(phi, x, y));
      return weighted.mean().add(np.square(phi.w).sum().mul(1e-3));
    },
    rate: 0.5,
    steps: 50,
  },
  outer: (_, phi, { xClean, yClean }) => losses(phi, xClean, yClean).mean(),
});
export default problem;

export const defaults = { estimator: "exact", outer: "clip-norm:0.001+adam:0.5,0.5", outerSteps: 40 };

const accuracy = evaluate((phi: Classifier, x: Value, y: Value) => np.argmax(logits(phi, x), -1).equal(y).mean());

/** Test accuracies of classifiers trained with all labels alike, with the weights found, and with the right labels only. */
async function figures({ weight }: { weight: HostArray }) {
  const trainedWith = async (logitsOfWeights: HostArray) => {
    const { phi } = await adapt(problem, { theta: { weight: logitsOfWeights }, innerSteps: 200, losses: false });
    return (await accuracy(phi, test.x, test.y)).data[0];
  };
  const called = Array.from(weight.data.keys()).filter(i => weight.data[i] < 0),
    right = called.filter(i => wrong.has(i)).length;
  return {
    accuracyNone: await trainedWith(zeros(n)),
    accuracyCleaned: await trainedWith(weight),
    accuracyOracle: await trainedWith(f32(Array.from({ length: n }, (_, i) => (wrong.has(i) ? -100 : 100)))),
    precision: right / called.length,
    recall: right / wrong.size,
  };
}
export { figures as evaluate };

await runHere(import.meta.url, problem, defaults, figures);
