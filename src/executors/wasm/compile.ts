import type { Program } from "../../program/program.js";
import { encodeModule, FunctionBuilder } from "./assembler.js";
import type { Code } from "./emit/code.js";
import { addressing, argumentsOf, argumentsUsed, globals, planned } from "./emit/pointers.js";
import type { Arguments } from "./emit/pointers.js";
import { storageOf } from "../../compiler/graph/tensor.js";
import { range } from "../../compiler/graph/view.js";
import { emitCopy } from "./kernels/copy.js";
import { emitKernel } from "./kernels/kernel.js";
import { MathLibrary } from "./math-library.js";
import type { MemoryPlan } from "../../compiler/schedule/memory-plan.js";
import { schedule } from "../../compiler/schedule/schedule.js";
import type { Schedule } from "../../compiler/schedule/schedule.js";
import type { Target } from "../../compiler/target.js";
import { librarySignature } from "./kernels/dot-library.js";
import { wasmTarget } from "./target.js";
import { storedForm } from "./stored-form.js";

/** A program as a WebAssembly module that exports `run(table)`: a pointer to the pointers of its inputs and outputs. */
export interface Compiled {
  readonly schedule: Schedule;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly scratchBytes: number;
  readonly constants: Uint8Array;
}

export const compile = (program: Program, target: Target = wasmTarget): Compiled => encode(program, schedule(program, target));

/** Kernels in a function: V8 takes longer over long functions, and makes slower code of them. */
const MOST_KERNELS = 16;

const parameters = (n: number) => new Array<"i32">(n).fill("i32");

/** How the code of a schedule is cut into functions. */
export interface Cut {
  readonly kernels: number;
  /** Whether the module exports them, as `part0`, `part1`, …, so that each can be timed by itself. */
  readonly exported: boolean;
}

/** Writes the code of a schedule. */
export function encode(
  { inputs: { length: inputs } }: Program,
  schedule: Schedule,
  { kernels: most, exported }: Cut = { kernels: MOST_KERNELS, exported: false },
): Compiled {
  const { plan, kernels, outputs } = schedule,
    count = inputs + outputs.length;
  const parts = range(Math.ceil(kernels.length / most)).map(i => kernels.slice(i * most, (i + 1) * most));
  const called = parts.length > 1 || exported ? parts : [],
    library = new MathLibrary(1 + called.length);
  const codeIn = (f: FunctionBuilder, given: Arguments): Code => {
    const addressOf = addressing(f, given, inputs);
    return {
      f,
      addressOf: t => addressOf(planned(plan.regions.get(storageOf(t)), t)),
      workspaceOf: t => addressOf({ area: "scratch", offset: planned(plan.workspaces.get(t), t) }),
      isStored: t => plan.stored.has(t),
      isInPlace: t => plan.inPlace.has(t),
      math: library.indexOf,
    };
  };
  const run = new FunctionBuilder("run", parameters(1), [], true),
    given = argumentsOf(run, count),
    code = codeIn(run, given);
  if (called.length === 0) for (const kernel of kernels) emitKernel(code, kernel);
  const functions = called.map((part, i) => {
    const used = argumentsUsed(part, plan, inputs),
      f = new FunctionBuilder(`part${i}`, parameters(used.length), [], exported);
    const inside = codeIn(f, new Map(used.map((position, k) => [position, f.parameters[k]])));
    for (const kernel of part) emitKernel(inside, kernel);
    for (const position of used) run.get(given.get(position)!);
    run.call(1 + i);
    return f;
  });
  for (const { from, output } of plan.copies) emitCopy(code, from, outputs[output], { base: given.get(inputs + output)!, offset: 0 });
  const types = kernels.some(k => k.kind === "dot" && k.root.form === "library") ? [librarySignature] : [];
  return {
    schedule,
    bytes: encodeModule([run, ...functions, ...library.functions], { globals, types }),
    scratchBytes: plan.scratchBytes,
    constants: constantBytes(plan),
  };
}

function constantBytes(plan: MemoryPlan): Uint8Array {
  const out = new Uint8Array(plan.constantBytes);
  for (const { tensor, offset } of plan.constants) out.set(storedForm(tensor.dtype, tensor.data), offset);
  return out;
}
