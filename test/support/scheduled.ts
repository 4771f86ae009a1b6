import type { Target } from "../../src/compiler/target.js";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import { encode } from "../../src/executors/wasm/compile.js";
import { storedBytes } from "../../src/executors/wasm/emit/instructions.js";
import type { Program } from "../../src/program/program.js";
import { allocate, sizeOf } from "../../src/tensor/types.js";
import type { HostArray } from "../../src/tensor/types.js";

/** Runs a program of numbers as WebAssembly code for a target of one's own; all memory that nobody has written is NaN. */
export function runScheduled(program: Program, inputs: readonly HostArray[], target: Target): HostArray[] {
  const { bytes, scratchBytes, constants } = encode(program, schedule(program, target)),
    types = [...program.inputs, ...program.outputs.map(o => program.nodes[o])];
  let end = 1024;
  const take = (size: number) => (end += 64 * Math.ceil(size / 64 + 1)) - 64 * Math.ceil(size / 64 + 1);
  const table = take(4 * types.length),
    places = types.map(({ shape, dtype }) => take(sizeOf(shape) * storedBytes[dtype])),
    held = take(constants.length),
    scratch = take(scratchBytes);
  const memory = new WebAssembly.Memory({ initial: Math.ceil((end + 1024) / 65536) });
  new Uint8Array(memory.buffer).fill(255);
  new Uint8Array(memory.buffer).set(constants, held);
  new Uint32Array(memory.buffer, table, places.length).set(places);
  const numbersAt = ({ shape, dtype }: Pick<HostArray, "shape" | "dtype">, at: number) =>
    new (allocate({ shape: [0], dtype }).constructor as Float32ArrayConstructor)(memory.buffer, at, sizeOf(shape));
  inputs.forEach((x, i) => {
    numbersAt(x, places[i]).set(x.data);
  });
  const globals = {
    scratch: new WebAssembly.Global({ value: "i32", mutable: true }, scratch),
    constants: new WebAssembly.Global({ value: "i32" }, held),
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, ...globals } });
  (exports.run as (table: number) => void)(table);
  return program.outputs.map((o, i) => {
    const { shape, dtype } = program.nodes[o];
    return { shape, dtype, data: numbersAt({ shape, dtype }, places[inputs.length + i]).slice() };
  });
}
