import { describe, expect, it } from "vitest";
import { evaluateProgram } from "../../../src/program/evaluate.js";
import { optimize } from "../../../src/program/passes/index.js";
import { deserializeProgram, serializeProgram } from "../../../src/program/serialize.js";
import { hashProgram } from "../../../src/program/hash.js";
import { verifyProgram } from "../../../src/program/verify.js";
import { trace } from "../../../src/tensor/trace.js";
import { onExecutor } from "../../support/on-executors.js";
import type { Way } from "./nests.js";
import { inputs } from "./nests.js";
import { innerNests } from "./nests-inner.js";

const far = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]) / Math.max(1, Math.abs(b[i]))));

const numbersOf = (f: (typeof unrolled)[string]): number[] => {
  const { program } = trace(f, inputs, "float64"),
    values = evaluateProgram(program, inputs);
  return program.outputs.flatMap(o => Array.from(values[o].data));
};
const unrolled = innerNests("unrolled");
const names = Object.keys(unrolled);

describe.each(["store", "checkpoint=3"] as Way[])("%s", way => {
  const scanned = innerNests(way);
  it.each(names)("%s is that of the loop written out", name => {
    const expected = numbersOf(unrolled[name]),
      own = numbersOf(scanned[name]);
    expect(own.length).toBe(expected.length);
    expect(far(own, expected)).toBeLessThan(1e-11);
    const wasm = onExecutor("wasm", scanned[name], inputs).flatMap(data => Array.from(data));
    expect(far(wasm, expected)).toBeLessThan(1e-11);
  });

  it.each(names)("%s keeps its meaning when written and read", name => {
    const program = optimize(trace(scanned[name], inputs, "float64").program),
      again = deserializeProgram(serializeProgram(program));
    verifyProgram(again);
    expect(hashProgram(again)).toBe(hashProgram(program));
  });
});
