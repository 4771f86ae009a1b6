import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWasmExecutor, hypergradient } from "../../src/index.js";
import { Alone } from "../support/alone.js";
import { countingExecutor } from "../support/counting-executor.js";
import { everywhere, ridge } from "../support/problems.js";

let alone: Alone;
beforeAll(async () => {
  alone = await Alone.make("peak-memory");
});
afterAll(() => alone.remove());

const processMemory = (estimator: string, steps: number) => alone.run<{ maxRSS: number; peakStates: number }>(estimator, `${steps}`);

describe("memory does not grow with the number of inner steps", () => {
  test.each([everywhere, ridge])(
    "$name: held states and live buffers of ufom, exact draw or not, are those of a short loop at r = 1,000",
    async ({ problem }) => {
      const held = async (estimator: string, innerSteps: number) => {
        const executor = countingExecutor(createWasmExecutor());
        await hypergradient(problem, { estimator, executor, innerSteps });
        // The index of every step stays between calls: a number each, which is no state.
        return {
          peakStates: (await hypergradient(problem, { estimator, executor, innerSteps })).peakStates,
          buffers: executor.peak() - innerSteps,
        };
      };
      for (const [estimator, states, shorter, longer] of [
        ["ufom:1", 10, 100, 1000],
        ["ufom:0.9999:baseline=first-order:mixed", 10, 100, 1000],
        ["ufom:1e-9", 1, 5, 1000],
        ["ufom:1:recompute", 1, 5, 200],
        ["ufom:0.9999:recompute:baseline=first-order:mixed", 1, 5, 200],
      ] as const) {
        const [one, short, long] = [await held(estimator, 1), await held(estimator, shorter), await held(estimator, longer)];
        expect([one.peakStates, short.peakStates, long.peakStates], estimator).toEqual([1, states, states]);
        // A step's in- and output and u are the most there is beside the held states; with one step some of them are never needed together.
        expect(long.buffers, estimator).toBe(short.buffers);
        expect(short.buffers - one.buffers, estimator).toBeLessThanOrEqual(3 * (3 + states - 1));
      }
    },
  );

  test("the peak memory of the process is within 10 % of r = 1 at r = 1,000; that of a stored loop is not", async () => {
    const [one, thousand, stored] = [
      await processMemory("ufom:1:recompute", 1),
      await processMemory("ufom:1:recompute", 1000),
      await processMemory("exact", 1000),
    ];
    expect([one.peakStates, thousand.peakStates, stored.peakStates]).toEqual([1, 1, 1000]);
    expect(Math.abs(thousand.maxRSS / one.maxRSS - 1)).toBeLessThan(0.1);
    expect(stored.maxRSS / one.maxRSS - 1).toBeGreaterThan(0.1);
  });
});
