import { describe, expect, test } from "vitest";
import { exact, firstOrder, stream, ufom, type Estimator } from "../../src/index.js";
import { estimateAt, gradientAt, pointOf } from "../support/estimates.js";
import { numbersOf } from "../support/gradients.js";
import { everywhere } from "../support/problems.js";

const seed = 2024,
  tasks = 8,
  draws = 6000,
  q = 0.3;

/** The largest distance of a coordinate's mean over draws of a task and of ξ from the expectation, in standard errors. */
async function standardErrors(estimator: Estimator): Promise<{ worst: number; exactShare: number }> {
  const { problem } = everywhere,
    { compiled, theta } = await pointOf(problem),
    each = await Promise.all(Array.from({ length: tasks }, async (_, i) => problem.task(seed, 1, i)));
  let expected: number[] = [];
  for (const task of each) {
    const g = await gradientAt({ compiled, theta, task }, exact());
    expected = g.map((x, k) => (expected[k] ?? 0) + x / tasks);
  }
  const sum = expected.map(() => 0),
    squares = expected.map(() => 0);
  let state = estimator.init(theta, compiled.steps),
    exactDraws = 0;
  for (let i = 0; i < draws; i++) {
    const task = each[stream(seed, "which task", i).integer(tasks)],
      choice = estimator.draw(state, stream(seed, "draw", i));
    const estimate = await estimateAt({ compiled, theta, task }, estimator, choice);
    state = estimator.observe?.(state, estimate) ?? state;
    if (choice.exact) exactDraws++;
    // Sums about the expectation, where nothing cancels.
    for (const [k, x] of numbersOf(estimate.gradient).entries()) {
      sum[k] += x - expected[k];
      squares[k] += (x - expected[k]) ** 2;
    }
  }
  const worst = Math.max(...sum.map((s, k) => Math.abs(s / draws) / Math.sqrt(squares[k] / draws / draws)));
  return { worst, exactShare: exactDraws / draws };
}

describe(`the mean of ${draws} draws of a task and of ξ`, () => {
  test("UFOM: within 4 standard errors of ∇M in every coordinate, with q of the draws exact", async () => {
    const { worst, exactShare } = await standardErrors(ufom(q));
    expect(worst).toBeLessThan(4);
    expect(Math.abs(exactShare - q)).toBeLessThan(4 * Math.sqrt((q * (1 - q)) / draws));
  });

  test("the comparison can fail: first-order is far off", async () => {
    expect((await standardErrors(firstOrder())).worst).toBeGreaterThan(10);
  });
});
