import type { Program } from "../../program/program.js";
import { encodeModule, FunctionBuilder, unsigned } from "./assembler.js";
import type { Local } from "./assembler.js";
import type { Address, Code } from "./emit/code.js";
import { constant, store, widthFor } from "./emit/vector.js";
import { storedBytes } from "./emit/instructions.js";
import type { Tensor } from "./graph/tensor.js";
import { storageOf } from "./graph/tensor.js";
import { range } from "./graph/view.js";
import { emitBlockedDot } from "./kernels/dot-blocked.js";
import { emitInnerDot } from "./kernels/dot-inner.js";
import { emitOuterDot } from "./kernels/dot-outer.js";
import { emitMap } from "./kernels/map.js";
import { emitMove } from "./kernels/move.js";
import { emitReduce } from "./kernels/reduce.js";
import { emitSolve } from "./kernels/solve.js";
import type { Kernel } from "./schedule/kernel.js";
import type { Plan, Region } from "./schedule/plan.js";
import { schedule } from "./schedule/schedule.js";
import { MathLibrary } from "./math-library.js";
import { storedForm } from "./stored-form.js";
import type { Schedule } from "./schedule/schedule.js";

/** Globals of a module, by position. */
export const globals = [
  { name: "scratch", mutable: true },
  { name: "constants", mutable: false },
] as const;

/** Pointers are passed as arguments up to this number; beyond it, in a table. */
export const MOST_PARAMETERS = 900;

/** A program as a WebAssembly module that exports `run(in₀, …, out₀, …)`, or `run(table)` where those are too many. */
export interface Compiled {
  readonly schedule: Schedule;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly scratchBytes: number;
  readonly constants: Uint8Array;
  readonly takesTable: boolean;
}

export const compile = (program: Program): Compiled => encode(program, schedule(program));

/** Writes the code of a schedule. */
export function encode(program: Program, plan: Schedule): Compiled {
  const pointers = program.inputs.length + program.outputs.length,
    takesTable = pointers > MOST_PARAMETERS;
  const run = new FunctionBuilder("run", new Array<"i32">(takesTable ? 1 : pointers).fill("i32"), [], true),
    library = new MathLibrary(1);
  emit(run, program, plan, library, takesTable);
  return {
    schedule: plan,
    bytes: encodeModule([run, ...library.functions], globals),
    scratchBytes: plan.plan.scratchBytes,
    constants: constantBytes(plan.plan),
    takesTable,
  };
}

function emit(f: FunctionBuilder, program: Program, { kernels, plan, outputs }: Schedule, library: MathLibrary, takesTable: boolean): void {
  const inputs = program.inputs.length,
    addressOf = addresses(f, inputs, inputs + outputs.length, takesTable);
  const code: Code = {
    f,
    addressOf: t => addressOf(found(plan.regions.get(storageOf(t)), t)),
    workspaceOf: t => addressOf({ area: "scratch", offset: found(plan.workspaces.get(t), t) }),
    isStored: t => plan.stored.has(t),
    isInPlace: t => plan.inPlace.has(t),
    math: library.indexOf,
  };
  for (const kernel of kernels) emitKernel(code, kernel);
  for (const { from, output } of plan.copies)
    copyOut(f, from, outputs[output], from.kind === "literal" ? null : code.addressOf(from), addressOf({ area: "output", index: output }));
}

function emitKernel(code: Code, kernel: Kernel): void {
  switch (kernel.kind) {
    case "map":
      emitMap(code, kernel);
      break;
    case "reduce":
      emitReduce(code, kernel);
      break;
    case "dot":
      if (kernel.blocking) emitBlockedDot(code, kernel, kernel.blocking);
      else if (kernel.root.form === "outer") emitOuterDot(code, kernel);
      else emitInnerDot(code, kernel);
      break;
    case "move":
      emitMove(code, kernel);
      break;
    case "solve":
      emitSolve(code, kernel);
      break;
  }
}

/** What the plan must hold for a tensor. */
function found<T>(place: T | undefined, t: Tensor): T {
  if (place === undefined) throw new Error(`tensor ${t.id} (${t.kind}) has no memory`);
  return place;
}

/** Base pointers of the regions: parameters, entries of a table, or globals read once. */
function addresses(f: FunctionBuilder, inputs: number, pointers: number, takesTable: boolean): (r: Region) => Address {
  const fromGlobal = (name: "scratch" | "constants"): Local => {
    const l = f.local("i32");
    f.globalGet(globals.findIndex(g => g.name === name)).set(l);
    return l;
  };
  const scratch = fromGlobal("scratch"),
    constants = fromGlobal("constants");
  // Every entry is read here, where all of the function's code comes after it.
  const table = range(takesTable ? pointers : 0).map(i => {
    const l = f.local("i32");
    f.get(f.parameters[0])
      .op(0x28, 2, ...unsigned(4 * i))
      .set(l);
    return l;
  });
  const argument = (i: number): Local => (takesTable ? table : f.parameters)[i];
  return r => {
    if ("index" in r) return { base: argument(r.area === "input" ? r.index : inputs + r.index), offset: 0 };
    return { base: r.area === "scratch" ? scratch : constants, offset: r.offset };
  };
}

/** An output that is an input, a constant, a number or another output: a copy, to the end of its last vector. */
function copyOut(f: FunctionBuilder, from: Tensor, output: Tensor, source: Address | null, target: Address): void {
  const i = f.local("i32"),
    value = f.local("v128"),
    to = f.local("i32"),
    width = widthFor([output.dtype]);
  const bytes = Math.ceil((output.shape.reduce((n, d) => n * d, 1) * storedBytes[output.dtype]) / 16) * 16;
  f.loop(i, 0, Math.max(16, bytes), 16, () => {
    f.get(target.base).get(i).add().set(to);
    if (source) f.get(source.base).get(i).add().simdMemory(0, source.offset);
    else constant(f, from.dtype, (from as { value: number }).value);
    f.set(value);
    store(f, width, output.dtype, to, target.offset, 1, width, value);
  });
  f.release(i, value, to);
}

function constantBytes(plan: Plan): Uint8Array {
  const out = new Uint8Array(plan.constantBytes);
  for (const { tensor, offset } of plan.constants) out.set(storedForm(tensor.dtype, tensor.data), offset);
  return out;
}
