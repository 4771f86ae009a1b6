import { describe, expect, test } from "vitest";
import { defineProblem, f64, grad, hypergradient, i32, nn, np, random } from "../../src/index.js";
import type { HostTree, Value } from "../../src/index.js";
import { bitsOf, centralDifferences, distance, norm, numbersOf } from "../support/gradients.js";

/** Regression by steps whose inputs lose some features, others in each step; θ is the initialization and the logarithm of the step size. */
const problem = defineProblem({
  name: "dropout in the inner loop",
  theta: draw => ({ w: f64(draw.normal([6, 2], 0.3).data, 6, 2), logRate: f64([-2]) }),
  task: draw => ({ x: draw.normal([8, 6]), y: draw.normal([8, 2]), key: draw.key() }),
  init: theta => ({ w: theta.w }),
  inner: {
    steps: 7,
    state: () => ({}),
    step: (theta, { phi, state, step }, { x, y, key }) => {
      const loss = (w: Value) => np.square(np.tanh(nn.dropout(x, 0.4, random.foldIn(key, step)).matmul(w)).sub(y)).mean();
      const rate = np.exp(theta.logRate.slice(0));
      return { phi: { w: phi.w.sub(grad(loss)(phi.w).mul(rate)) }, state };
    },
  },
  outer: (_, phi, { x, y }) => np.square(x.matmul(phi.w).sub(y)).mean(),
});

const at = { dtype: "float64", seed: 3 } as const;

describe("a problem with dropout from a key of the task", () => {
  test.each(["reference", "wasm"] as const)(
    "has the hypergradient of central differences on %s: each step draws its own mask again",
    async executor => {
      const theta = problem.theta(at.seed);
      const { gradient } = await hypergradient(problem, { ...at, theta, executor });
      const loss = async (t: HostTree) =>
        (await hypergradient(problem, { ...at, theta: t as typeof theta, executor, estimator: "truncated:0" })).loss;
      const found = numbersOf(gradient);
      expect(norm(found)).toBeGreaterThan(1e-2);
      expect(distance(found, await centralDifferences(loss, theta))).toBeLessThan(1e-7);
    },
  );

  test("has the same bits with every memory strategy, and other numbers with another key", async () => {
    const task = await problem.task(at.seed, 1, 0);
    const run = (estimator: string, key = task.key) => hypergradient(problem, { seed: at.seed, estimator, task: { ...task, key } });
    const stored = await run("exact");
    for (const estimator of ["exact:recompute", "exact:checkpoint=2"])
      expect(bitsOf((await run(estimator)).gradient)).toBe(bitsOf(stored.gradient));
    expect((await run("exact", i32([1, 2]))).loss).not.toBe(stored.loss);
  });
});
