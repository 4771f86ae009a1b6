import * as fc from "../support/fast-check.js";
import { afterAll, describe, expect, it } from "vitest";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { optimize } from "../../src/program/passes/index.js";
import type { Program } from "../../src/program/program.js";
import { randomNetwork } from "../support/random-network.js";
import { expectClose, magnitude } from "./closeness.js";
import { compared, runOnce } from "./run.js";

/** UFOM_TEST_SEED=… tries other networks, UFOM_TEST_RUNS=… more of them. */
const numRuns = Number(process.env.UFOM_TEST_RUNS ?? 150),
  seed = Number(process.env.UFOM_TEST_SEED ?? 1);

describe.each(compared)("random networks on %s: loss, gradient, Hessian-vector and mixed product", (_, { create }) => {
  const executor = create();
  afterAll(() => {
    executor.dispose();
  });

  it.each([
    ["as traced", (p: Program) => p],
    ["after the passes", (p: Program) => optimize(p)],
  ] as const)("are those of the reference, %s", async (_, prepare) => {
    await fc.assert(
      fc.asyncProperty(randomNetwork(), async ({ program, inputs }) => {
        const values = evaluateProgram(program, inputs),
          scale = magnitude(...program.outputs.map(o => values[o].data));
        const results = await runOnce(executor, prepare(program), inputs);
        results.forEach(({ data }, k) => {
          expectClose(data, values[program.outputs[k]].data, 1e-10, `output ${k}`, scale);
        });
      }),
      { numRuns, seed },
    );
    expect(executor.usage().buffers).toBe(0);
  });
});
