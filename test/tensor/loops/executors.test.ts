import { describe, expect, it } from "vitest";
import { createWasmExecutor } from "../../../src/executors/wasm/index.js";
import { evaluateProgram } from "../../../src/program/evaluate.js";
import { optimize } from "../../../src/program/passes/index.js";
import type { Program } from "../../../src/program/program.js";
import { trace } from "../../../src/tensor/trace.js";
import type { HostArray } from "../../../src/tensor/types.js";
import type { Way } from "./nests.js";
import { inputs, nests } from "./nests.js";

function runOnWasm(program: Program, arrays: readonly HostArray[]): HostArray[] {
  const executor = createWasmExecutor();
  try {
    const executable = executor.compile(program);
    return executable.run(arrays.map(a => executor.upload(a))).map(b => executor.read(b));
  } finally {
    executor.dispose();
  }
}
const numbersOf = (arrays: readonly HostArray[]): number[] => arrays.flatMap(({ data }) => Array.from(data));
const far = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]) / Math.max(1, Math.abs(b[i]))));

const names = Object.keys(nests("store", false));

describe.each([false, true])("reverse %s", reverse => {
  describe.each(["store", "checkpoint=2", "checkpoint=3"] as Way[])("%s", way => {
    it.each(names)("%s has the reference's numbers in wasm, as traced and optimized", name => {
      const { program } = trace(nests(way, reverse)[name], inputs, "float64"),
        values = evaluateProgram(program, inputs),
        expected = numbersOf(program.outputs.map(o => values[o]));
      for (const one of [program, optimize(program)]) {
        const own = numbersOf(runOnWasm(one, inputs));
        expect(own.length).toBe(expected.length);
        expect(far(own, expected)).toBeLessThan(1e-12);
      }
    });
  });
});
