import type { Program } from "../../program/program.js";
import { fail } from "../../tensor/error.js";
import { sameShape, showType } from "../../tensor/types.js";
import type { Shape, Type } from "../../tensor/types.js";
import type { Buffer, CallStatistics, Executable } from "../executor.js";
import type { SizeClass } from "./allocator.js";
import type { FunctionTable } from "./function-table.js";
import type { Heap } from "./heap.js";
import { bytesIn, HeapBuffer } from "./heap.js";
import type { Compiled } from "./compile.js";
import type { CachedModule } from "./module-cache.js";

/** A compiled program in an executor's memory. */
export class WasmExecutable implements Executable {
  readonly statistics: CallStatistics = { calls: 0, seconds: 0 };
  /** Its index in the executor's table of functions. */
  readonly index: number;
  private call: (table: number) => void;
  private readonly outputs: readonly (Type & { readonly bytes: number; readonly sizeClass: SizeClass })[];
  /** Shapes that inputs came with last; the next ones are mostly the same objects. */
  private readonly accepted: Shape[];
  private readonly constants: number;
  private readonly constantBytes: number;
  /** What it holds while it runs, besides inputs, outputs and constants. */
  readonly scratchBytes: number;
  private readonly table: number;
  private users = 1;
  private disposed = false;

  constructor(
    readonly program: Program,
    readonly name: string,
    {
      compiled,
      module,
      pieces,
    }: Pick<CachedModule, "module" | "pieces"> & { readonly compiled: Pick<Compiled, "scratchBytes" | "constants"> },
    private readonly heap: Heap,
    private readonly functions: FunctionTable,
    scratch: WebAssembly.Global,
    private readonly onClose: () => void,
  ) {
    this.outputs = program.outputs.map(o => {
      const { shape, dtype } = program.nodes[o],
        bytes = bytesIn(shape, dtype);
      return { shape, dtype, bytes, sizeClass: heap.sizeClass(bytes) };
    });
    this.accepted = program.inputs.map(({ shape }) => shape);
    const { allocator } = heap;
    this.scratchBytes = compiled.scratchBytes;
    this.constantBytes = compiled.constants.length;
    this.constants = this.constantBytes ? allocator.take(this.constantBytes) : 0;
    this.table = allocator.take(this.tableBytes);
    if (this.constants) heap.contents().set(compiled.constants, this.constants);
    const constants = new WebAssembly.Global({ value: "i32" }, this.constants | 0),
      env = { memory: allocator.memory, scratch, constants, functions: functions.table };
    const runOf = (code: WebAssembly.Module, more: WebAssembly.ModuleImports = {}) =>
      new WebAssembly.Instance(code, { env: { ...env, ...more } }).exports.run as (table: number) => void;
    this.call = runOf(module, Object.fromEntries(pieces.map((piece, i) => [`piece${i}`, runOf(piece)])));
    this.index = functions.add(this.call);
  }

  /** Bytes of a table of pointers to its inputs and outputs. */
  get tableBytes(): number {
    return 4 * (this.program.inputs.length + this.program.outputs.length);
  }

  run(inputs: readonly Buffer[]): Buffer[] {
    const start = performance.now(),
      { heap } = this,
      expected = this.program.inputs,
      count = expected.length;
    if (this.disposed) fail(this.name, "runs until it is disposed", "a call afterwards");
    if (inputs.length !== count) fail(this.name, `takes ${count} buffers`, `${inputs.length}`);
    for (let i = 0; i < count; i++) this.check(inputs[i], i);
    const results = this.allocateOutputs(),
      words = heap.words(),
      at = this.table >>> 2;
    for (let i = 0; i < count; i++) words[at + i] = (inputs[i] as HeapBuffer).pointer;
    for (let i = 0; i < results.length; i++) words[at + count + i] = results[i].pointer;
    this.call(this.table);
    this.statistics.calls++;
    this.statistics.seconds += (performance.now() - start) / 1000;
    return results;
  }

  private check(buffer: Buffer, i: number): void {
    const { heap, pointer, shape, dtype } = buffer as HeapBuffer;
    if (heap !== this.heap || pointer === 0 || shape !== this.accepted[i] || dtype !== this.program.inputs[i].dtype) this.accept(buffer, i);
  }

  /** Looks at an input closely. @throws if it is none that the program takes */
  private accept(buffer: Buffer, position: number): void {
    const expected = this.program.inputs[position];
    if (!(buffer instanceof HeapBuffer) || buffer.heap !== this.heap) {
      return fail(this.name, `takes buffers of its own executor as input ${position}`, `another's ${showType(buffer)}`);
    }
    if (buffer.pointer === 0) {
      fail(this.name, `takes a buffer that is alive as input ${position}`, `${showType(buffer)} that was freed before`);
    }
    if (buffer.dtype !== expected.dtype || !sameShape(buffer.shape, expected.shape)) {
      fail(this.name, `takes ${showType(expected)} as input ${position}`, showType(buffer));
    }
    this.accepted[position] = buffer.shape;
  }

  /** All outputs, or none if the memory does not hold them. */
  private allocateOutputs(): HeapBuffer[] {
    const results: HeapBuffer[] = [];
    try {
      for (const { shape, dtype, bytes, sizeClass } of this.outputs)
        results.push(new HeapBuffer(this.heap, shape, dtype, bytes, sizeClass));
    } catch (error) {
      for (const r of results) r.free();
      throw error;
    }
    return results;
  }

  /** This executable, for one more user: it lives until each has disposed of it. */
  shared(): this {
    this.users++;
    return this;
  }

  dispose(): void {
    if (!this.disposed && --this.users === 0) this.close();
  }

  /** Ends it for all users. */
  close(): void {
    this.disposed = true;
    if (this.constants) this.heap.allocator.give(this.constants, this.constantBytes);
    this.heap.allocator.give(this.table, this.tableBytes);
    this.functions.remove(this.index);
    // Whoever still holds it does not hold the memory that its code runs in.
    this.call = () => fail(this.name, "runs until it is disposed", "a call afterwards");
    this.onClose();
  }
}
