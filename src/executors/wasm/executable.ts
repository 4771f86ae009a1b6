import type { Program } from "../../program/program.js";
import { fail } from "../../tensor/error.js";
import { sameShape, showType } from "../../tensor/types.js";
import type { Shape, Type } from "../../tensor/types.js";
import type { Buffer, CallStatistics, Executable } from "../executor.js";
import type { SizeClass } from "./allocator.js";
import type { Compiled } from "./compile.js";
import type { Heap } from "./heap.js";
import { bytesIn, HeapBuffer } from "./heap.js";

/** A compiled program in an executor's memory. */
export class WasmExecutable implements Executable {
  readonly statistics: CallStatistics = { calls: 0, seconds: 0 };
  private readonly call: (...pointers: number[]) => void;
  private readonly pointers: number[];
  private readonly outputs: readonly (Type & { readonly bytes: number; readonly sizeClass: SizeClass })[];
  /** Shapes that inputs came with last; the next ones are mostly the same objects. */
  private readonly accepted: Shape[];
  private readonly constants: number;
  private readonly table: number;
  private users = 1;
  private disposed = false;

  constructor(
    readonly program: Program,
    readonly name: string,
    private readonly compiled: Compiled,
    module: WebAssembly.Module,
    private readonly heap: Heap,
    scratch: WebAssembly.Global,
    private readonly onClose: () => void,
  ) {
    this.outputs = program.outputs.map(o => {
      const { shape, dtype } = program.nodes[o],
        bytes = bytesIn(shape, dtype);
      return { shape, dtype, bytes, sizeClass: heap.allocator.sizeClass(bytes) };
    });
    this.accepted = program.inputs.map(({ shape }) => shape);
    this.pointers = new Array<number>(program.inputs.length + program.outputs.length).fill(0);
    const { allocator } = heap;
    this.constants = compiled.constants.length ? allocator.take(compiled.constants.length) : 0;
    this.table = compiled.takesTable ? allocator.take(4 * this.pointers.length) : 0;
    if (this.constants) heap.contents().set(compiled.constants, this.constants);
    const constants = new WebAssembly.Global({ value: "i32" }, this.constants | 0);
    const instance = new WebAssembly.Instance(module, { env: { memory: allocator.memory, scratch, constants } });
    this.call = instance.exports.run as (...pointers: number[]) => void;
  }

  /** What it holds while it runs, besides inputs, outputs and constants. */
  get scratchBytes(): number {
    return this.compiled.scratchBytes;
  }

  run(inputs: readonly Buffer[]): Buffer[] {
    const start = performance.now(),
      { pointers, heap } = this,
      expected = this.program.inputs,
      count = expected.length;
    if (this.disposed) fail(this.name, "runs until it is disposed", "a call afterwards");
    if (inputs.length !== count) fail(this.name, `takes ${count} buffers`, `${inputs.length}`);
    for (let i = 0; i < count; i++) {
      const buffer = inputs[i] as HeapBuffer;
      if (buffer.heap !== heap || buffer.pointer === 0 || buffer.shape !== this.accepted[i] || buffer.dtype !== expected[i].dtype)
        this.accept(buffer, i);
      pointers[i] = buffer.pointer;
    }
    const results = this.allocateOutputs();
    for (let i = 0; i < results.length; i++) pointers[count + i] = results[i].pointer;
    if (this.table === 0) this.call.apply(undefined, pointers);
    else {
      new Int32Array(heap.contents().buffer, this.table, pointers.length).set(pointers);
      this.call(this.table);
    }
    this.statistics.calls++;
    this.statistics.seconds += (performance.now() - start) / 1000;
    return results;
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
    if (this.constants) this.heap.allocator.give(this.constants, this.compiled.constants.length);
    if (this.table) this.heap.allocator.give(this.table, 4 * this.pointers.length);
    this.onClose();
  }
}
