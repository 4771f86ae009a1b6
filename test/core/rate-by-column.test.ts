import { expect, test } from "vitest";
import { defineProblem, f64, hypergradient, np } from "../../src/index.js";
import { centralDifferences, distance, numbersOf } from "../support/gradients.js";

test("a step size for each column, of a φ that is one array", async () => {
  const problem = defineProblem({
    theta: () => ({ logRate: f64([-1, -2, -3]), x: f64([0.3, -0.2]) }),
    task: random => ({ y: random.normal([2, 3]) }),
    init: theta => np.zeros([2, 3]).add(theta.x.reshape([2, 1])),
    inner: {
      loss: (theta, phi, { y }) => np.square(np.exp(phi).sub(y)).sum().add(phi.sum(1).mul(theta.x).sum()),
      rate: theta => np.exp(theta.logRate),
      steps: 3,
    },
    outer: (_, phi, { y }) => np.tanh(phi.sub(y)).sum(),
  });
  const at = { dtype: "float64", seed: 2 } as const,
    theta = problem.theta(2);
  const loss = async (t: unknown) => (await hypergradient(problem, { ...at, theta: t as typeof theta, estimator: "truncated:0" })).loss;
  const { gradient } = await hypergradient(problem, at);
  expect(distance(numbersOf(gradient), await centralDifferences(loss, theta))).toBeLessThan(1e-7);
});
