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
    "$name: held states and live buffers of ufom with recompute, exact draw or not, are those of r = 1 at r = 1,000",
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
      for (const estimator of ["ufom:1", "ufom:1e-9", "ufom:1:baseline=first-order:mixed"]) {
        const [one, five, thousand] = [await held(estimator, 1), await held(estimator, 5), await held(estimator, 1000)];
        expect(one.peakStates).toBe(1);
        expect(thousand.peakStates).toBe(1);
        // A step's in- and output and u are the most there is beside the held state; with one step some of them are never needed together.
        expect(thousand.buffers).toBe(five.buffers);
        expect(five.buffers - one.buffers).toBeLessThanOrEqual(3 * 3);
      }
    },
  );

  test("the peak memory of the process is within 10 % of r = 1 at r = 1,000; that of a stored loop is not", async () => {
    const [one, thousand, stored] = [
      await processMemory("ufom:1", 1),
      await processMemory("ufom:1", 1000),
      await processMemory("exact", 1000),
    ];
    expect([one.peakStates, thousand.peakStates, stored.peakStates]).toEqual([1, 1, 1000]);
    expect(Math.abs(thousand.maxRSS / one.maxRSS - 1)).toBeLessThan(0.1);
    expect(stored.maxRSS / one.maxRSS - 1).toBeGreaterThan(0.1);
  });
});
