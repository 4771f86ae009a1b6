import { describe, expect, test } from "vitest";
import { createWasmExecutor, defineProblem, exact, forward, np, parseEstimator, zeros, type Problem } from "../../src/index.js";
import { blockDefinitions } from "../../src/core/estimators/forward-definitions.js";
import { countingExecutor } from "../support/counting-executor.js";
import { estimateAt, gradientAt, pointOf } from "../support/estimates.js";
import { distance, numbersOf } from "../support/gradients.js";
import { everywhere, ridge, samples } from "../support/problems.js";
import { ridgeByLoops, type RidgeData } from "../support/ridge.js";

describe("forward mode", () => {
  test.each(samples)("$name: the exact gradient to rounding, in blocks of any size", async ({ problem }) => {
    for (const seed of [1, 2]) {
      const point = await pointOf(problem, { seed }),
        expected = await gradientAt(point, exact()),
        numbers = numbersOf(point.theta).length;
      for (const block of new Set([1, 3, 16, numbers, numbers + 5]))
        expect(distance(await gradientAt(point, forward({ block })), expected), `blocks of ${block}`).toBeLessThan(1e-13);
    }
  });

  test("plain loops with sensitivities carried forward, r = 1,000", async () => {
    const point = await pointOf(ridge.problem, { innerSteps: 1000 }),
      { gradient } = ridgeByLoops(point.task as unknown as RidgeData, numbersOf(point.theta), 0.05, 1000);
    expect(distance(await gradientAt(point, forward()), gradient)).toBeLessThan(1e-12);
  });

  test("counts: ⌈p/block⌉ passes of r steps, and a product for each tangent and step; blocks are as even as they can be", async () => {
    const { problem } = everywhere,
      point = await pointOf(problem),
      numbers = numbersOf(point.theta).length;
    expect(numbers).toBe(32);
    for (const [block, passes, size] of [
      [1, 32, 1],
      [10, 4, 8],
      [16, 2, 16],
      [30, 2, 16],
      [100, 1, 32],
    ]) {
      const { counts, peakStates } = await estimateAt(point, forward({ block }));
      expect(counts).toEqual({ step: passes * 4, product: passes * 4 * size, outer: passes });
      expect(peakStates).toBe(1);
    }
  });

  test("a step with tangents computes the step once, and a tangent takes about a step", async () => {
    const { compiled } = await pointOf(everywhere.problem),
      work = (size: number) => compiled.work(blockDefinitions(size).step);
    expect(work(1)).toBeLessThan(2.5);
    expect(work(16) - work(8)).toBeLessThan(8 * 1.2);
    expect(work(8)).toBeLessThan(8 * work(1));
  });

  test("live buffers at r = 1,000 are those of r = 5", async () => {
    const held = async (innerSteps: number) => {
      const executor = countingExecutor(createWasmExecutor()),
        point = await pointOf(everywhere.problem, { executor, innerSteps });
      await estimateAt(point, forward());
      executor.restart();
      await estimateAt(point, forward());
      // The index of every step stays between calls: a number each, which is no state. So does 16, the second block's first number.
      return executor.peak() - new Set([...Array(innerSteps).keys(), 16]).size;
    };
    expect(await held(1000)).toBe(await held(5));
  });

  test("a θ of many numbers is refused with their number, and what is meant instead", async () => {
    const large = (n: number) =>
      defineProblem({
        theta: () => ({ a: zeros(n - 1), b: zeros() }),
        task: () => ({}),
        init: ({ b }) => b,
        inner: { loss: ({ a }, phi) => np.square(phi.sub(a.sum())), rate: 0.1, steps: 2 },
        outer: (_, phi) => np.square(phi),
      }) as unknown as Problem;
    const check = async (n: number) => {
      const { compiled } = await pointOf(large(n));
      forward().check!(compiled);
    };
    await check(1000);
    await expect(check(1001)).rejects.toThrow(
      "ufom: forward is meant for few numbers, at most 1000, as each takes a product an inner step (exact takes one for all of them); received a θ of 1001.",
    );
    expect(() => forward({ block: 0 })).toThrow("ufom: forward takes a block of a whole number of at least 1; received 0.");
    expect(() => parseEstimator("forward:8")).toThrow('ufom: forward is spelled forward or forward:block=B; received "forward:8".');
  });
});
