import type { Program } from "../../program/program.js";
import { encodeModule, FunctionBuilder } from "./assembler.js";
import type { Imports } from "./assembler.js";
import type { Code } from "./emit/code.js";
import { addressing, argumentsOf, argumentsUsed, globals, planned, positionsOf } from "./emit/pointers.js";
import type { Arguments } from "./emit/pointers.js";
import { storageOf } from "../../compiler/graph/tensor.js";
import { range } from "../../compiler/graph/view.js";
import { cutAssemblies, cutCopies, cutKernels } from "./cut.js";
import type { Copy, Part, Pieces } from "./cut.js";
import { ConstantArea } from "./constant-area.js";
import { emitCopy } from "./kernels/copy.js";
import { emitKernel } from "./kernels/kernel.js";
import { LoopBodies } from "./loop-bodies.js";
import { MathLibrary } from "./math-library.js";
import { partsOf } from "../../compiler/schedule/kernel.js";
import type { Kernel } from "../../compiler/schedule/kernel.js";
import type { MemoryPlan } from "../../compiler/schedule/memory-plan.js";
import { schedule } from "../../compiler/schedule/schedule.js";
import type { Schedule } from "../../compiler/schedule/schedule.js";
import type { Target } from "../../compiler/target.js";
import { librarySignature } from "./kernels/library-signature.js";
import { wasmTarget } from "./target.js";

/** A program as a WebAssembly module that exports `run(table)`: a pointer to the pointers of its inputs and outputs. */
export interface Compiled {
  readonly schedule: Schedule;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the code is too long for one module: others like it, whose `run` the first one imports as `env.piece0`, … and calls in turn. */
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  readonly scratchBytes: number;
  readonly constants: Uint8Array;
}

export const compile = (program: Program, target: Target = wasmTarget): Compiled => encode(program, schedule(program, target));

/** Pointers to inputs and outputs that functions get as parameters, of which engines take 1,000; of more, each function reads its own. */
const MOST_PARAMETERS = 500;
/** Copies that a program's function makes by itself. */
const FEW_COPIES = 64;
/** Functions in a module, and its bytes: the main thread of a page compiles modules of up to 4 MiB, in some browsers. */
const MOST_FUNCTIONS = 256;
const MOST_BYTES = 2 ** 22;

const parameters = (n: number) => new Array<"i32">(n).fill("i32");

/** How the code of a schedule is cut into functions. */
export interface Cut {
  readonly kernels?: number;
  /** Whether the module exports them, as `part0`, `part1`, …, so that each can be timed by itself. They are then all in one module. */
  readonly exported: boolean;
}

/** Writes the code of a schedule. */
export function encode(program: Program, schedule: Schedule, cut: Cut = { exported: false }): Compiled {
  const { plan, kernels } = schedule,
    own = cut.exported ? { kernels, regions: plan.regions } : cutAssemblies(kernels, plan),
    parts = cutKernels(own.kernels, cut.kernels),
    newWriter = () => new Writer(program, schedule, own, cut.exported);
  const finish = ({ constants }: Writer, modules: Pick<Compiled, "bytes" | "pieces">): Compiled => ({
    schedule,
    ...modules,
    scratchBytes: plan.scratchBytes,
    constants: constants.contents(),
  });
  const few = plan.copies.length <= FEW_COPIES;
  if (few && parts.length <= 1 && !cut.exported) {
    const writer = newWriter();
    return finish(writer, { bytes: writer.alone(parts[0]?.kernels ?? [], plan.copies), pieces: [] });
  }
  const all = few ? parts : [...parts, ...cutCopies(plan.copies)],
    copies = few ? plan.copies : [];
  if (cut.exported) {
    const writer = newWriter();
    return finish(writer, { bytes: writer.module(all, copies), pieces: [] });
  }
  for (let most = MOST_FUNCTIONS; ; most = Math.ceil(most / 2)) {
    const writer = newWriter(),
      groups = range(Math.ceil(all.length / most)).map(i => all.slice(i * most, (i + 1) * most)),
      modules = groups.map((group, i) => writer.module(group, i === groups.length - 1 ? copies : []));
    if (most > 1 && modules.some(bytes => bytes.length > MOST_BYTES)) continue;
    return finish(writer, modules.length === 1 ? { bytes: modules[0], pieces: [] } : { bytes: inTurn(modules.length), pieces: modules });
  }
}

/** A module that calls the functions of others in turn. */
function inTurn(count: number): Uint8Array<ArrayBuffer> {
  const run = new FunctionBuilder("run", parameters(1), [], true);
  for (const i of range(count)) run.get(run.parameters[0]).call(i);
  return encodeModule([run], { functions: range(count).map(i => ({ name: `piece${i}`, parameterKinds: parameters(1), resultKinds: [] })) });
}

/** Writes modules of one program. */
class Writer {
  private readonly inputs: number;
  private readonly outputs: Schedule["outputs"];
  private readonly plan: MemoryPlan;
  /** Whether functions get the pointers that they use as parameters. */
  private readonly direct: boolean;
  readonly constants: ConstantArea;
  private readonly imports: Imports;

  constructor(
    program: Program,
    private readonly schedule: Schedule,
    private readonly own: Pieces,
    private readonly exported: boolean,
  ) {
    this.inputs = program.inputs.length;
    this.outputs = schedule.outputs;
    this.plan = schedule.plan;
    this.constants = new ConstantArea(schedule.plan);
    this.imports = { globals, types: callsLibrary(schedule) ? [librarySignature] : [] };
    this.direct = exported || this.count <= MOST_PARAMETERS;
  }

  private get count(): number {
    return this.inputs + this.outputs.length;
  }

  /** A module of one function. */
  alone(kernels: readonly Kernel[], copies: readonly Copy[]): Uint8Array<ArrayBuffer> {
    const library = new MathLibrary(1),
      bodies = new LoopBodies(library, this.constants),
      run = new FunctionBuilder("run", parameters(1), [], true);
    this.write(run, argumentsOf(run, this.direct ? range(this.count) : this.used({ kernels, copies })), { kernels, copies }, bodies);
    return encodeModule([run, ...library.functions], this.imports);
  }

  /** A module of a function for each part, and one that calls them and then makes some copies. */
  module(parts: readonly Part[], copies: readonly Copy[]): Uint8Array<ArrayBuffer> {
    const library = new MathLibrary(1 + parts.length),
      bodies = new LoopBodies(library, this.constants),
      run = new FunctionBuilder("run", parameters(1), [], true),
      given = argumentsOf(run, this.direct ? range(this.count) : this.used({ kernels: [], copies }));
    const functions = parts.map((part, i) => {
      const used = this.used(part),
        f = new FunctionBuilder(`part${i}`, parameters(this.direct ? used.length : 1), [], this.exported);
      const own = this.direct ? new Map(used.map((position, k) => [position, f.parameters[k]])) : argumentsOf(f, used);
      this.write(f, own, part, bodies);
      if (this.direct) for (const position of used) run.get(given.get(position)!);
      else run.get(run.parameters[0]);
      run.call(1 + i);
      return f;
    });
    this.write(run, given, { kernels: [], copies }, bodies);
    return encodeModule([run, ...functions, ...library.functions], this.imports);
  }

  /** Positions of the pointers that a part uses. */
  private used({ kernels, copies }: Part): number[] {
    const { inputs, own } = this,
      written = copies.map(({ output }) => inputs + output),
      read = positionsOf(
        copies.map(({ from }) => from),
        own.regions,
        inputs,
      );
    return [...new Set([...argumentsUsed(kernels, own, inputs), ...written, ...read])].sort((a, b) => a - b);
  }

  private write(f: FunctionBuilder, given: Arguments, { kernels, copies }: Part, bodies: LoopBodies): void {
    const { plan, own, inputs, outputs } = this,
      addressOf = addressing(f, given, inputs);
    const code: Code = {
      f,
      addressOf: t => addressOf(planned(own.regions.get(storageOf(t)), t)),
      workspaceOf: t => addressOf({ area: "scratch", offset: planned(plan.workspaces.get(t), t) }),
      isStored: t => plan.stored.has(t),
      isInPlace: t => plan.inPlace.has(t),
      loopOf: kernel => bodies.loopOf(kernel, this.schedule, 0),
      math: bodies.library.indexOf,
    };
    for (const kernel of kernels) emitKernel(code, kernel);
    for (const { from, output } of copies) emitCopy(code, from, outputs[output], { base: given.get(inputs + output)!, offset: 0 });
  }
}

/** Whether a program hands products to a library, or one within it does. */
const callsLibrary = ({ kernels, loops }: Schedule): boolean =>
  kernels.some(kernel => partsOf(kernel).some(part => part.kind === "dot" && part.root.form === "library"))
  || [...loops.values()].some(({ bodies }) => bodies.some(callsLibrary));
