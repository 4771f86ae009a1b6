import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateProgram } from "../../src/executors/reference/index.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { optimize } from "../../src/program/passes/index.js";
import type { Program } from "../../src/program/program.js";
import type { HostArray } from "../../src/tensor/types.js";
import { sameShape } from "../../src/tensor/types.js";
import { randomProgram } from "../support/random-program.js";

const RUNS = Number(process.env.UFOM_RANDOM_PROGRAMS ?? 500);

/** The largest number that any node of the program has: what a relative error refers to. */
function magnitude(values: readonly HostArray[]): number {
  let most = 1;
  for (const { data } of values) for (const x of data) if (Number.isFinite(x)) most = Math.max(most, Math.abs(x));
  return most;
}

function expectClose(actual: readonly HostArray[], expected: readonly HostArray[], allowed: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach(({ shape, dtype, data }, k) => {
    const right = expected[k],
      isFloat = dtype === "float32" || dtype === "float64";
    expect(dtype).toBe(right.dtype);
    expect(sameShape(shape, right.shape)).toBe(true);
    expect(data.length).toBe(right.data.length);
    data.forEach((x, i) => {
      const y = right.data[i];
      if (Object.is(x, y) || x === y) return;
      if (!isFloat || !(Math.abs(x - y) <= allowed))
        throw new Error(`output ${k}, element ${i}: ${x} instead of ${y} (allowed ${allowed})`);
    });
  });
}

function run(program: Program, inputs: readonly HostArray[]): HostArray[] {
  const executor = createWasmExecutor(),
    buffers = inputs.map(x => executor.upload(x)),
    outputs = executor.compile(program).run(buffers);
  const results = outputs.map(b => executor.read(b));
  for (const b of [...buffers, ...outputs]) executor.free(b);
  expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  executor.dispose();
  return results;
}

describe("random programs agree with the reference", () => {
  test.each([
    ["as they are", (p: Program) => p],
    ["after all passes", optimize],
  ])("%s", (_, prepare) => {
    fc.assert(
      fc.property(randomProgram(), ({ program, inputs }) => {
        const values = evaluateProgram(program, inputs),
          allowed = (program.nodes.some(n => n.dtype === "float32") ? 1e-5 : 1e-12) * magnitude(values);
        expectClose(
          run(prepare(program), inputs),
          program.outputs.map(o => values[o]),
          allowed,
        );
      }),
      { numRuns: RUNS, endOnFailure: false },
    );
  });
});
