// Learn one ridge penalty for each of twenty features, ten of which say nothing, so that weights found on few points do well on
// others. The best weights have a closed form: what the inner loop leaves to wish is measured against it.
import { defineProblem, evaluate, f32, full, grad, hypergradient, linalg, nn, np, stream, zeros, type HostArray, type Value } from "ufom";
import { runHere } from "./helpers.js";

const features = 20;

// A linear law in the first ten features, with noise.
const random = stream(1, "law"),
  law = Array.from(random.normal([features]).data, (weight, i) => (i < features / 2 ? weight : 0));
const points = (n: number) => {
  const x = random.normal([n, features]),
    y = Array.from(random.normal([n], 1).data, (noise, row) => law.reduce((sum, w, i) => sum + w * x.data[row * features + i], noise));
  return { x, y: f32(y) };
};
const data = { train: points(40), validation: points(200) },
  test = points(10_000);

type Points = { x: Value; y: Value };
const error = (w: Value, { x, y }: Points) => np.square(np.matmul(x, w).sub(y)).mean();
/** Between 0 and 4. */
const penalty = (theta: { logit: Value }) => nn.sigmoid(theta.logit).mul(4);

const problem = defineProblem({
  name: "ridge-penalties",
  theta: () => ({ logit: zeros(features) }),
  task: () => data,
  init: () => np.zeros([features]),
  inner: {
    loss: (theta, w, { train }) => error(w, train).add(penalty(theta).mul(np.square(w)).sum()),
    rate: 0.1,
    steps: 200,
  },
  outer: (_, w, { validation }) => error(w, validation),
});
export default problem;

export const defaults = { estimator: "exact", outer: "adam:0.1", outerSteps: 200 };

/** The best weights, (XᵀX/n + diag λ)⁻¹ Xᵀy/n. */
const best = (theta: { logit: Value }, { x, y }: Points) => {
  const n = x.shape[0],
    covariance = np.matmul(x.T, x).div(n),
    penalties = np.eye(features).mul(penalty(theta));
  return linalg.solve(covariance.add(penalties), np.matmul(x.T, y).div(n));
};
/** Their error on other points, as a function of θ. */
const errorOfBest = (theta: { logit: Value }, train: Points, others: Points) => error(best(theta, train), others);

/** Errors on new points, with the penalties found and with the best single one; and how far the gradient is from the closed form's. */
async function figures(theta: { logit: HostArray }) {
  const errorAt = evaluate(errorOfBest),
    onTest = async (at: { logit: HostArray }) => (await errorAt(at, data.train, test)).data[0],
    single = await Promise.all([-6, -5, -4, -3, -2, -1, 0, 1].map(logit => onTest({ logit: full(logit, features) })));
  const slope = evaluate(grad(errorOfBest), { dtype: "float64" }),
    exact = (await slope(theta, data.train, data.validation)).logit.data,
    unrolled = (await hypergradient(problem, { theta, dtype: "float64" })).gradient.logit.data;
  return {
    errorLearned: await onTest(theta),
    errorBestSingle: Math.min(...single),
    // The variance of the noise.
    errorOfLaw: 1,
    gradientDistance: Math.hypot(...Array.from(unrolled, (g, i) => g - exact[i])) / Math.hypot(...exact),
    penaltyOfUseful: mean(theta.logit.data.slice(0, features / 2)),
    penaltyOfUseless: mean(theta.logit.data.slice(features / 2)),
  };
}
const mean = (logits: ArrayLike<number>) => Array.from(logits).reduce((sum, x) => sum + 4 / (1 + Math.exp(-x)), 0) / logits.length;
export { figures as evaluate };

await runHere(import.meta.url, problem, defaults, figures);
