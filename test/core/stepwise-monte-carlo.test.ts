// Forty coins inside the guard: the mean of many draws is the exact gradient, within its standard errors.
import { describe, expect, test } from "vitest";
import { exact, firstOrder, stepwise, stream, type Estimator } from "../../src/index.js";
import { estimateAt, gradientAt, pointOf } from "../support/estimates.js";
import { numbersOf } from "../support/gradients.js";
import { ridge } from "../support/problems.js";

const [innerSteps, draws] = [40, 400];

describe(`the mean of ${draws} draws at r = ${innerSteps}`, () => {
  test("is within 4 standard errors of the exact gradient in every coordinate; first-order's is not; the tail keeps the guard's promise", async () => {
    const point = await pointOf(ridge.problem, { innerSteps, dtype: "float64" }),
      estimator: Estimator = stepwise(16),
      state = estimator.init(point.theta, innerSteps),
      expected = await gradientAt(point, exact()),
      sum = expected.map(() => 0),
      squares = expected.map(() => 0);
    let [products, growth] = [0, 0];
    for (let i = 0; i < draws; i++) {
      const estimate = await estimateAt(point, estimator, estimator.draw(state, stream(7, "draw", i)));
      products += estimate.counts.product;
      growth = Math.max(growth, estimate.tail!.growth);
      for (const [k, x] of numbersOf(estimate.gradient).entries()) {
        sum[k] += x - expected[k];
        squares[k] += (x - expected[k]) ** 2;
      }
    }
    const errors = squares.map(s => Math.sqrt(s) / draws),
      biased = await gradientAt(point, firstOrder({ mixed: true }));
    expect(Math.max(...sum.map((s, k) => Math.abs(s / draws) / errors[k]))).toBeLessThan(4);
    expect(Math.max(...biased.map((b, k) => Math.abs(b - expected[k]) / errors[k]))).toBeGreaterThan(10);
    // p = 0.4 lies above α λ_max, so no factor expands.
    expect(growth).toBeLessThan(1);
    expect(products / draws / 16).toBeCloseTo(1, 1);
  });
});
