import type { Buffer, Executable } from "../../src/executors/executor.js";
import { createReferenceExecutor } from "../../src/executors/reference/index.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { optimize } from "../../src/program/passes/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad } from "../../src/tensor/transform.js";
import type { FloatType, HostArray } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";

type Traceable = (...inputs: never[]) => unknown;

const executors = { reference: createReferenceExecutor, wasm: createWasmExecutor };
export type ExecutorName = keyof typeof executors;
type Numbers = HostArray["data"];

/** The numbers of every result of a function on an executor; floating point inputs are converted to the precision. */
export function onExecutor(name: ExecutorName, f: Traceable, inputs: readonly HostArray[], dtype: FloatType = "float64"): Numbers[] {
  const executor = executors[name]();
  // float32 is the working precision in what a user gives.
  const types = inputs.map(({ shape, dtype: own }) => ({ shape, dtype: own === "float64" ? ("float32" as const) : own }));
  const program = optimize(trace(f, types, dtype).program);
  const arrays = program.inputs.map((type, i) => {
    const data = allocate(type);
    data.set(inputs[i].data);
    return { ...type, data };
  });
  const executable = executor.compile(program) as Executable;
  const outputs = executable.run(arrays.map(array => executor.upload(array))) as Buffer[];
  const numbers = outputs.map(output => (executor.read(output) as HostArray).data);
  executor.dispose();
  return numbers;
}

/** The same on each executor, by its name. */
export function onExecutors(f: Traceable, inputs: readonly HostArray[], dtype?: FloatType): Record<ExecutorName, number[][]> {
  const on = (name: ExecutorName) => onExecutor(name, f, inputs, dtype).map(data => Array.from(data));
  return { reference: on("reference"), wasm: on("wasm") };
}

/** The derivative of an element-by-element function in its argument of that number. */
export const slope =
  (f: (...x: Value[]) => Value, argument = 0) =>
  (...x: Value[]): Value =>
    grad((z: Value) => f(...x.with(argument, z)).sum())(x[argument]);
