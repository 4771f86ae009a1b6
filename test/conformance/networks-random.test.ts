import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { evaluateProgram } from "../../src/executors/reference/index.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { optimize } from "../../src/program/passes/index.js";
import type { Program } from "../../src/program/program.js";
import type { HostArray } from "../../src/tensor/types.js";
import { randomNetwork } from "../support/random-network.js";
import { expectClose, magnitude } from "./closeness.js";

/** UFOM_TEST_SEED=… tries other networks, UFOM_TEST_RUNS=… more of them. */
const numRuns = Number(process.env.UFOM_TEST_RUNS ?? 150),
  seed = Number(process.env.UFOM_TEST_SEED ?? 1);

describe("random networks: loss, gradient, Hessian-vector and mixed product", () => {
  const executor = createWasmExecutor();
  afterAll(() => {
    executor.dispose();
  });

  function run(program: Program, inputs: readonly HostArray[]): HostArray[] {
    const executable = executor.compile(program),
      given = inputs.map(x => executor.upload(x)),
      results = executable.run(given),
      read = results.map(b => executor.read(b));
    for (const buffer of [...given, ...results]) executor.free(buffer);
    executable.dispose();
    return read;
  }

  it.each([
    ["as traced", (p: Program) => p],
    ["after the passes", (p: Program) => optimize(p)],
  ] as const)("on wasm are those of the reference, %s", (_, prepare) => {
    fc.assert(
      fc.property(randomNetwork(), ({ program, inputs }) => {
        const values = evaluateProgram(program, inputs),
          scale = magnitude(...program.outputs.map(o => values[o].data));
        run(prepare(program), inputs).forEach(({ data }, k) => {
          expectClose(data, values[program.outputs[k]].data, 1e-10, `output ${k}`, scale);
        });
      }),
      { numRuns, seed },
    );
    expect(executor.usage().buffers).toBe(0);
  });
});
