import { expect } from "vitest";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import type { Program } from "../../src/program/program.js";
import { trace } from "../../src/tensor/trace.js";
import { allocate, sameShape } from "../../src/tensor/types.js";
import type { DType, FloatType, HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";

/** Numbers in [−1, 1), whole numbers in [−8, 8) or bools, the same from run to run. */
export function numbers(shape: Shape, dtype: DType, seed: number): HostArray {
  const data = allocate({ shape, dtype });
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = dtype === "bool" ? (state >>> 16) & 1 : dtype === "int32" ? state >> 28 : state / 2 ** 31;
  }
  return { shape, dtype, data };
}

/** What a program computes on the wasm executor; every buffer is given back. */
export function runOnWasm(program: Program, inputs: readonly HostArray[]): HostArray[] {
  const executor = createWasmExecutor();
  const buffers = inputs.map(x => executor.upload(x));
  const outputs = executor.compile(program).run(buffers);
  const results = outputs.map(b => executor.read(b));
  for (const b of [...buffers, ...outputs]) executor.free(b);
  expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  executor.dispose();
  return results;
}

/** Equal numbers, or floats that differ by no more than allowed. */
export function expectClose(actual: readonly HostArray[], expected: readonly HostArray[], allowed: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach(({ shape, dtype, data }, k) => {
    const right = expected[k];
    const isFloat = dtype === "float32" || dtype === "float64";
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

/** The largest number that any node of a program has: what a relative error refers to. */
export function magnitude(values: readonly HostArray[]): number {
  let most = 1;
  for (const { data } of values) for (const x of data) if (Number.isFinite(x)) most = Math.max(most, Math.abs(x));
  return most;
}

/** Traces a function, runs it on wasm and compares with the reference, to `relative` of the largest number on the way. */
export function agrees(
  f: (...operands: Value[]) => unknown,
  operands: readonly HostArray[],
  dtype: FloatType,
  relative?: number,
): HostArray[] {
  const { program } = trace(f, operands, dtype);
  const inputs = operands.map((x, i) => (x.dtype === program.inputs[i].dtype ? x : { ...x, dtype, data: Float64Array.from(x.data) }));
  const values = evaluateProgram(program, inputs);
  const results = runOnWasm(program, inputs);
  expectClose(
    results,
    program.outputs.map(o => values[o]),
    (relative ?? (dtype === "float32" ? 1e-6 : 1e-14)) * magnitude(values),
  );
  return results;
}
