import { describe, expect, test } from "vitest";
import { hypergradient, type HostArray } from "../../src/index.js";
import { distance, numbersOf } from "../support/gradients.js";
import { ridge, scalarFamily } from "../support/problems.js";
import { ridgeByLoops, ridgeInTheLimit, type RidgeData } from "../support/ridge.js";
import { maml } from "../support/scalar.js";

const at = { dtype: "float64", executor: "wasm" } as const;
const close = (a: number, b: number, digits: number) =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(10 ** -digits * Math.max(1, Math.abs(b)));

describe("the scalar family in closed form", () => {
  const numbers = (tree: unknown) =>
    Object.fromEntries(Object.entries(tree as Record<string, HostArray>).map(([k, v]) => [k, v.data[0]])) as Record<
      "a" | "b" | "A",
      number
    >;

  test("loss, exact and first-order gradient on 60 tasks and starts, on all three pieces of the curve", async () => {
    const pieces = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const { problem } = scalarFamily,
        task = await problem.task(seed, 1, 0),
        theta = problem.theta(seed),
        { a, b, A } = numbers(task),
        [start] = numbersOf(theta);
      const expected = maml({ a, b, A }, start, 0.1, 10),
        exact = await hypergradient(problem, { ...at, theta, task }),
        fo = await hypergradient(problem, { ...at, theta, task, estimator: "first-order" });
      close(exact.loss, expected.loss, 13);
      close(numbersOf(exact.gradient)[0], expected.exact, 13);
      close(numbersOf(fo.gradient)[0], expected.firstOrder, 13);
      const z = Math.abs(start - b / a);
      pieces.add(z <= A ? "bottom" : z <= A + 1 ? "middle" : "straight");
    }
    expect([...pieces].sort()).toEqual(["bottom", "middle", "straight"]);
  });
});

describe("ridge regression with learned penalties", () => {
  const { problem } = ridge;
  const point = async (seed: number) => {
    const theta = problem.theta(seed),
      task = await problem.task(seed, 1, 0);
    return { theta, task, data: task as unknown as RidgeData, logPenalty: numbersOf(theta) };
  };

  test.each([0, 1, 2, 12, 100])("r = %i: plain loops with sensitivities carried forward", async innerSteps => {
    for (const seed of [1, 2, 3]) {
      const { theta, task, data, logPenalty } = await point(seed),
        { loss, gradient } = await hypergradient(problem, { ...at, theta, task, innerSteps });
      const expected = ridgeByLoops(data, logPenalty, 0.05, innerSteps);
      close(loss, expected.loss, 13);
      if (innerSteps === 0) expect(numbersOf(gradient)).toEqual([0, 0, 0, 0]);
      else if (innerSteps === 1)
        expect(numbersOf(gradient).every(x => Math.abs(x) < 1e-16)).toBe(true); // from w = 0 the penalty does not show yet
      else expect(distance(numbersOf(gradient), expected.gradient)).toBeLessThan(1e-12);
    }
  });

  test("r = 4,000: the solution of the normal equations and its implicit derivative", async () => {
    for (const seed of [1, 2]) {
      const { theta, task, data, logPenalty } = await point(seed),
        { loss, gradient } = await hypergradient(problem, { ...at, theta, task, innerSteps: 4000 });
      const expected = ridgeInTheLimit(data, logPenalty);
      close(loss, expected.loss, 11);
      expect(distance(numbersOf(gradient), expected.gradient)).toBeLessThan(1e-9);
    }
  });
});
