import { argumentsUsed } from "../src/executors/wasm/emit/pointers.js";
import { encode } from "../src/executors/wasm/compile.js";
import { storedBytes } from "../src/executors/wasm/emit/instructions.js";
import { describeProgram } from "../src/executors/wasm/describe.js";
import type { KernelDescription } from "../src/executors/wasm/describe.js";
import { wasmTarget } from "../src/executors/wasm/target.js";
import { schedule } from "../src/compiler/schedule/schedule.js";
import type { Program } from "../src/program/program.js";
import type { Type } from "../src/tensor/types.js";
import { sizeOf } from "../src/tensor/types.js";
import { callMicroseconds } from "./timing.js";

/** A kernel of a program and its time alone. */
export interface KernelTime extends KernelDescription {
  readonly microseconds: number;
}

const nothing = new WebAssembly.Module(
  Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 110, 0, 0, 10, 4, 1, 2, 0, 11),
);

/** Runs each kernel of a program by itself, on small numbers, and takes a call of an empty function off. */
export function kernelTimes(program: Program, seconds = 0.2): KernelTime[] {
  const plan = schedule(program, wasmTarget),
    compiled = encode(program, plan, { kernels: 1, exported: true }),
    types: Type[] = [...program.inputs, ...program.outputs.map(o => program.nodes[o])];
  let end = 64;
  const take = (bytes: number) => (end += 64 * Math.ceil(bytes / 64 + 1)) - 64 * Math.ceil(bytes / 64 + 1);
  const pointers = types.map(({ shape, dtype }) => take(sizeOf(shape) * storedBytes[dtype])),
    constants = take(compiled.constants.length),
    scratch = take(compiled.scratchBytes),
    memory = new WebAssembly.Memory({ initial: Math.ceil((end + 64) / 65536) });
  types.forEach(({ shape, dtype }, i) => {
    const numbers =
      dtype === "float64"
        ? new Float64Array(memory.buffer, pointers[i], sizeOf(shape))
        : new Float32Array(memory.buffer, pointers[i], sizeOf(shape));
    if (dtype.startsWith("float")) numbers.forEach((_, k) => (numbers[k] = ((k * 7919) % 1000) / 1000 - 0.5));
  });
  new Uint8Array(memory.buffer).set(compiled.constants, constants);
  const globals = {
    scratch: new WebAssembly.Global({ value: "i32", mutable: true }, scratch),
    constants: new WebAssembly.Global({ value: "i32" }, constants),
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(compiled.bytes), { env: { memory, ...globals } });
  const empty = callMicroseconds(new WebAssembly.Instance(nothing).exports.n as () => void, 0.1).best;
  return plan.kernels.map((kernel, i) => {
    const run = exports[`part${i}`] as (...pointers: number[]) => void,
      given = argumentsUsed([kernel], plan.plan, program.inputs.length).map(position => pointers[position]);
    const { best } = callMicroseconds(() => {
      run(...given);
    }, seconds);
    return { ...describeProgram(program).kernels[i], microseconds: Math.max(0, best - empty) };
  });
}
