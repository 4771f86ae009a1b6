import { hashProgram } from "../../program/hash.js";
import type { Program } from "../../program/program.js";
import { fail, UfomError } from "../../tensor/error.js";
import { showType } from "../../tensor/types.js";
import type { HostArray } from "../../tensor/types.js";
import type { Buffer, Executor } from "../executor.js";
import { WasmExecutable } from "./executable.js";
import { Heap, HeapBuffer } from "./heap.js";
import { moduleFor } from "./module-cache.js";

/** Runs programs as generated WebAssembly in one linear memory; every call answers at once. */
export class WasmExecutor implements Executor {
  readonly name = "wasm";
  private readonly heap = new Heap();
  /** One area for what programs hold while they run, large enough for each of them. */
  private readonly scratch = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  private scratchPiece = { pointer: 0, bytes: 0 };
  private readonly executables = new Map<string, WasmExecutable>();
  private disposed = false;

  compile(program: Program, name = "program"): WasmExecutable {
    this.checkAlive();
    const key = hashProgram(program),
      known = this.executables.get(key);
    if (known) return known.shared();
    const { compiled, module } = moduleFor(program);
    this.reserveScratch(compiled.scratchBytes);
    const executable = new WasmExecutable(program, name, compiled, module, this.heap, this.scratch, () => this.executables.delete(key));
    this.executables.set(key, executable);
    return executable;
  }

  private reserveScratch(bytes: number): void {
    const old = this.scratchPiece,
      { allocator } = this.heap;
    if (bytes <= old.bytes) return;
    if (old.pointer) allocator.give(old.pointer, old.bytes);
    this.scratchPiece = { pointer: 0, bytes: 0 };
    this.scratchPiece = { pointer: allocator.take(bytes), bytes };
    this.scratch.value = this.scratchPiece.pointer | 0;
  }

  upload(array: HostArray): Buffer {
    this.checkAlive();
    return this.heap.upload(array);
  }

  read(buffer: Buffer): HostArray {
    const own = this.own(buffer, "read");
    if (own.pointer === 0) fail("read", "takes a buffer that is alive", `${showType(buffer)} that was freed before`);
    return this.heap.read(own);
  }

  free(buffer: Buffer): void {
    this.own(buffer, "free").free();
  }

  usage(): { readonly buffers: number; readonly bytes: number } {
    return { buffers: this.heap.buffers, bytes: this.heap.bytes };
  }

  dispose(): void {
    this.disposed = true;
    for (const executable of [...this.executables.values()]) executable.close();
  }

  private own(buffer: Buffer, who: string): HeapBuffer {
    this.checkAlive();
    return buffer instanceof HeapBuffer && buffer.heap === this.heap
      ? buffer
      : fail(who, "takes a buffer of this executor", `another's ${showType(buffer)}`);
  }

  private checkAlive(): void {
    if (this.disposed) throw new UfomError("ufom: the wasm executor was disposed and cannot be used any more.");
  }
}
