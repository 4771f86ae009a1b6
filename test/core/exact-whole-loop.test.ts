import { describe, expect, test } from "vitest";
import { exact, hypergradient } from "../../src/index.js";
import { mapTree } from "../../src/core/trees/host-tree.js";
import { stream } from "../../src/core/random/index.js";
import { distance, norm, numbersOf } from "../support/gradients.js";
import { namedOptimizers } from "../support/named-optimizers.js";
import { samples } from "../support/problems.js";
import { wholeLoop, wholeLoopAlong } from "../support/whole-loop.js";

const all = [...samples, ...namedOptimizers];

describe.each(["reference", "wasm"] as const)(
  "on the %s executor, the sweep over compiled steps equals differentiating the whole loop at once",
  executor => {
    test.each(all)("$name: to 1e-12 in float64, for r and every shorter loop", async ({ problem, spec }) => {
      for (const seed of [1, 2]) {
        const theta = problem.theta(seed),
          task = await problem.task(seed, 1, 0);
        for (let r = 0; r <= Math.min(problem.steps, 5); r++) {
          const whole = wholeLoop(spec, theta, task, r),
            { loss, gradient } = await hypergradient(problem, {
              estimator: exact(),
              dtype: "float64",
              executor,
              theta,
              task,
              innerSteps: r,
            });
          expect(Math.abs(loss - whole.loss), `loss, r = ${r}`).toBeLessThanOrEqual(1e-12 * Math.abs(whole.loss));
          const expected = numbersOf(whole.gradient),
            got = numbersOf(gradient);
          if (norm(expected) === 0) expect(norm(got)).toBe(0);
          else expect(distance(got, expected), `gradient, r = ${r}`).toBeLessThan(1e-12);
        }
      }
    });

    test.each(all)("$name: to 1e-4 in float32", async ({ problem, spec }) => {
      const theta = problem.theta(1),
        task = await problem.task(1, 1, 0),
        r = problem.steps;
      const { gradient } = await hypergradient(problem, { executor, theta, task });
      expect(distance(numbersOf(gradient), numbersOf(wholeLoop(spec, theta, task, r).gradient))).toBeLessThan(1e-4);
    });
  },
);

test.each(all)("$name: its inner products with directions equal forward mode through the whole loop", async ({ problem, spec }) => {
  const theta = problem.theta(5),
    task = await problem.task(5, 1, 0),
    random = stream(5, "direction");
  const direction = mapTree(({ shape }) => ({ shape, dtype: "float64", data: Float64Array.from(random.normal(shape).data) }), theta);
  const { gradient } = await hypergradient(problem, { dtype: "float64", executor: "reference", theta, task });
  const v = numbersOf(direction),
    g = numbersOf(gradient),
    along = g.reduce((sum, x, i) => sum + x * v[i], 0);
  expect(Math.abs(along - wholeLoopAlong(spec, theta, task, problem.steps, direction))).toBeLessThan(1e-12 * norm(g) * norm(v));
});
