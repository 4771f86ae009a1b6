import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateProgram } from "../../src/executors/reference/index.js";
import { hashProgram } from "../../src/program/hash.js";
import { optimize } from "../../src/program/passes/index.js";
import { printProgram } from "../../src/program/print.js";
import type { Program } from "../../src/program/program.js";
import { deserializeProgram, serializeProgram } from "../../src/program/serialize.js";
import { verifyProgram } from "../../src/program/verify.js";
import { sameShape } from "../../src/tensor/types.js";
import type { HostArray } from "../../src/tensor/types.js";
import { randomProgram } from "../support/random-program.js";

const RUNS = 1_000;

const largest = (arrays: readonly HostArray[]): number => {
  let most = 1;
  for (const { data } of arrays) for (const x of data) most = Math.max(most, Math.abs(x));
  return most;
};

/** 1e-5 where float32 takes part, else 1e-12: of the largest number that any node of the program has. */
const tolerance = (program: Program, values: readonly HostArray[]): number =>
  (program.nodes.some(node => node.dtype === "float32") ? 1e-5 : 1e-12) * largest(values);

function expectClose(actual: readonly HostArray[], expected: readonly HostArray[], allowed: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach(({ shape, dtype, data }, k) => {
    const right = expected[k], isFloat = dtype === "float32" || dtype === "float64";
    expect(dtype).toBe(right.dtype);
    expect(sameShape(shape, right.shape)).toBe(true);
    data.forEach((x, i) => {
      const y = right.data[i];
      if (isFloat ? !(Math.abs(x - y) <= allowed) : x !== y) throw new Error(`output ${k}, element ${i}: ${x} instead of ${y} (allowed ${allowed})`);
    });
  });
}

/** Runs a property over random programs; what fails is shrunk, and the message holds seed and path to repeat it. */
const check = (property: (program: Program, inputs: readonly HostArray[]) => void): void => {
  fc.assert(fc.property(randomProgram(), ({ program, inputs }) => property(program, inputs)), { numRuns: RUNS, endOnFailure: false });
};

describe("random programs", () => {
  it("are well-typed, and cover every primitive", () => {
    const seen = new Set<string>();
    check(program => {
      verifyProgram(program);
      for (const node of program.nodes) seen.add(node.op);
    });
    console.log([...seen].length);
  });

  it("compute the same after all passes", () => {
    check((program, inputs) => {
      const values = evaluateProgram(program, inputs), optimized = optimize(program);
      const results = evaluateProgram(optimized, inputs);
      try {
        expectClose(optimized.outputs.map(o => results[o]), program.outputs.map(o => values[o]), tolerance(program, values));
      } catch (error) {
        throw new Error(`${(error as Error).message}\noptimized:\n${printProgram(optimized)}`, { cause: error });
      }
    });
  });

  it("survive serialization", () => {
    check(program => {
      const back = deserializeProgram(serializeProgram(program));
      expect(back).toEqual(program);
      expect(hashProgram(back)).toBe(hashProgram(program));
    });
  });
});
