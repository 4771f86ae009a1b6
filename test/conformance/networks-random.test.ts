import { afterAll, describe, expect, it } from "vitest";
import { drawnOnce, DrawnProgram } from "../support/drawn-once.js";
import { randomNetwork } from "../support/random-network.js";
import { expectClose, magnitude } from "./closeness.js";
import { compared, runOnce } from "./run.js";

/** UFOM_TEST_SEED=… tries other networks, UFOM_TEST_RUNS=… more of them. */
const numRuns = Number(process.env.UFOM_TEST_RUNS ?? 150),
  seed = Number(process.env.UFOM_TEST_SEED ?? 1);

const check = drawnOnce(randomNetwork(), one => new DrawnProgram(one), { numRuns, seed });

describe.each(compared)("random networks on %s: loss, gradient, Hessian-vector and mixed product", (_, { create }) => {
  const executor = create();
  afterAll(() => {
    executor.dispose();
  });

  it.each([
    ["as traced", (of: DrawnProgram) => of.program],
    ["after the passes", (of: DrawnProgram) => of.optimized],
  ] as const)("are those of the reference, %s", async (_, prepare) => {
    await check(async of => {
      const { program, inputs, values } = of,
        scale = magnitude(...of.results.map(({ data }) => data));
      const results = await runOnce(executor, prepare(of), inputs);
      results.forEach(({ data }, k) => {
        expectClose(data, values[program.outputs[k]].data, 1e-10, `output ${k}`, scale);
      });
    });
    expect(executor.usage().buffers).toBe(0);
  });
});
