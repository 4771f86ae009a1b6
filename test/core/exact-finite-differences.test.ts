import { describe, expect, test } from "vitest";
import { exact, hypergradient } from "../../src/index.js";
import { centralDifferences, distance, norm, numbersOf } from "../support/gradients.js";
import { namedOptimizers } from "../support/named-optimizers.js";
import { samples } from "../support/problems.js";

const at = { dtype: "float64", executor: "reference", seed: 3 } as const;

describe("the exact hypergradient equals central differences of the outer loss in float64", () => {
  test.each([...samples, ...namedOptimizers])("$name", async ({ problem }) => {
    const theta = problem.theta(at.seed),
      { gradient } = await hypergradient(problem, { ...at, theta, estimator: exact() });
    const loss = async (t: typeof theta) => (await hypergradient(problem, { ...at, theta: t, estimator: "truncated:0" })).loss;
    const differences = await centralDifferences(loss, theta),
      got = numbersOf(gradient);

    expect(norm(got)).toBeGreaterThan(1e-4);
    expect(distance(got, differences)).toBeLessThan(1e-6);
    for (const [k, x] of got.entries())
      expect(Math.abs(x - differences[k]), `number ${k}`).toBeLessThan(1e-6 * (Math.abs(x) + 0.01 * norm(got)));
  });

  test("the comparison can fail: first-order and truncated gradients are far from them", async () => {
    const { problem } = samples.find(s => s.name === "initialization of a network")!,
      theta = problem.theta(at.seed);
    const loss = async (t: typeof theta) => (await hypergradient(problem, { ...at, theta: t })).loss,
      differences = await centralDifferences(loss, theta);
    for (const estimator of ["first-order", "truncated:3"]) {
      const { gradient } = await hypergradient(problem, { ...at, theta, estimator });
      expect(distance(numbersOf(gradient), differences)).toBeGreaterThan(1e-3);
    }
  });
});
