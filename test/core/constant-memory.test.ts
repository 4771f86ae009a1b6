import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWasmExecutor, hypergradient } from "../../src/index.js";
import { countingExecutor } from "../support/counting-executor.js";
import { everywhere, ridge } from "../support/problems.js";

const run = promisify(execFile);
let folder: string, script: string;

// One file of plain JavaScript, and a process of one thread with a small nursery: what a loader and a collector
// that runs when it likes add to the peak (up to 15 %, at random) is not there, so that what the loop adds is seen.
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "ufom-peak-"));
  script = path.join(folder, "peak-memory.mjs");
  const entryPoints = [fileURLToPath(new URL("../support/peak-memory.ts", import.meta.url))];
  await build({ entryPoints, bundle: true, platform: "node", format: "esm", outfile: script, logLevel: "error" });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function processMemory(estimator: string, steps: number): Promise<{ maxRSS: number; peakStates: number }> {
  const { stdout } = await run(process.execPath, ["--single-threaded", "--max-semi-space-size=1", script, estimator, `${steps}`]);
  return JSON.parse(stdout) as { maxRSS: number; peakStates: number };
}

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
