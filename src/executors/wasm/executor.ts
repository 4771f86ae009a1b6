import { hashProgram } from "../../program/hash.js";
import type { Program } from "../../program/program.js";
import { fail, UfomError } from "../../tensor/error.js";
import { showType } from "../../tensor/types.js";
import type { HostArray } from "../../tensor/types.js";
import { DeclinedError } from "../executor.js";
import type { Buffer, Executor, LinkedRoutine, NativeInfo, Routine } from "../executor.js";
import { WasmExecutable } from "./executable.js";
import { memoryRefusal } from "./fits.js";
import { FunctionTable } from "./function-table.js";
import { Heap, HeapBuffer } from "./heap.js";
import { moduleFor } from "./module-cache.js";
import type { CachedModule } from "./module-cache.js";
import { WasmRoutine } from "./routine.js";
import type { Target } from "../../compiler/target.js";
import { addLibrary } from "./library-call.js";
import type { LibraryProducts } from "./library-call.js";
import { wasmTarget } from "./target.js";

/** Runs programs as generated WebAssembly in one linear memory; every call answers at once. */
export class WasmExecutor implements Executor {
  readonly name = "wasm";
  private readonly heap: Heap;
  /** One area for what programs hold while they run, as large as the largest of them needs. */
  private readonly scratch = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  private scratchPiece = { pointer: 0, bytes: 0 };
  private readonly functions = new FunctionTable();
  private readonly executables = new Map<string, WasmExecutable>();
  private readonly routines = new Set<WasmRoutine>();
  private disposed = false;

  private readonly target: Target;
  /** The library that computes large products, if one does. */
  readonly native?: NativeInfo;

  /**
   * @param limit the most bytes that it may hold, if less than WebAssembly's 4 GiB
   * @param products of a library, which the larger products are handed to
   */
  constructor(
    limit?: number,
    readonly products?: LibraryProducts,
  ) {
    this.heap = new Heap(limit);
    this.target = products?.target ?? wasmTarget;
    if (!products) return;
    this.native = products.info;
    addLibrary(this.functions, products.over(this.heap.allocator.memory));
  }

  compile(program: Program, name = "program"): WasmExecutable {
    this.checkAlive();
    const key = hashProgram(program),
      known = this.executables.get(key);
    if (known) return known.shared();
    this.decline(name, this.refuse(program));
    const code = this.codeOf(program),
      { compiled } = code;
    this.decline(name, memoryRefusal(program, compiled.scratchBytes, this.heap.allocator.limit));
    this.resizeScratch(Math.max(this.scratchPiece.bytes, compiled.scratchBytes));
    const executable = new WasmExecutable(program, name, code, this.heap, this.functions, this.scratch, () => {
      this.close(key);
    });
    this.executables.set(key, executable);
    return executable;
  }

  /** The code of a program, to be instantiated in any memory. */
  codeOf(program: Program): CachedModule {
    return moduleFor(program, this.target);
  }

  refuse(program: Program): string | undefined {
    return memoryRefusal(program, 0, this.heap.allocator.limit);
  }

  private decline(name: string, reason: string | undefined): void {
    if (reason !== undefined) throw new DeclinedError(`ufom: ${name} ${reason}.`);
  }

  private close(key: string): void {
    this.executables.delete(key);
    this.resizeScratch([...this.executables.values()].reduce((most, { scratchBytes }) => Math.max(most, scratchBytes), 0));
  }

  /** Makes the scratch area that large; what it held is lost. @throws with the old size kept if there is no room */
  private resizeScratch(bytes: number): void {
    const old = this.scratchPiece.bytes;
    if (bytes === old) return;
    this.giveScratch();
    try {
      this.takeScratch(bytes);
    } catch (error) {
      this.takeScratch(old);
      throw error;
    }
  }

  private giveScratch(): void {
    const { pointer, bytes } = this.scratchPiece;
    if (bytes > 0) this.heap.allocator.give(pointer, bytes);
    this.scratchPiece = { pointer: 0, bytes: 0 };
  }

  private takeScratch(bytes: number): void {
    if (bytes > 0) this.scratchPiece = { pointer: this.heap.allocator.take(bytes), bytes };
    this.scratch.value = this.scratchPiece.pointer | 0;
  }

  get capacity(): number {
    return this.heap.allocator.limit;
  }

  upload(array: HostArray): Buffer {
    this.checkAlive();
    return this.heap.upload(array);
  }

  write(buffer: Buffer, array: HostArray): void {
    this.heap.write(this.alive(buffer, "write"), array);
  }

  read(buffer: Buffer): HostArray {
    return this.heap.read([this.alive(buffer, "read")])[0];
  }

  readAll(buffers: readonly Buffer[]): HostArray[] {
    for (const buffer of buffers) this.alive(buffer, "read");
    return this.heap.read(buffers as readonly HeapBuffer[]);
  }

  link(routine: Routine): LinkedRoutine {
    this.checkAlive();
    const linked = new WasmRoutine(routine, this.heap, this.functions, old => this.routines.delete(old));
    this.routines.add(linked);
    return linked;
  }

  free(buffer: Buffer): void {
    if (!this.disposed) this.own(buffer, "free").free();
  }

  usage(): { readonly buffers: number; readonly bytes: number } {
    return { buffers: this.heap.buffers, bytes: this.heap.bytes };
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const routine of [...this.routines]) routine.dispose();
    for (const executable of [...this.executables.values()]) executable.close();
    this.functions.close();
    this.heap.close();
  }

  private own(buffer: Buffer, who: string): HeapBuffer {
    this.checkAlive();
    return buffer instanceof HeapBuffer && buffer.heap === this.heap
      ? buffer
      : fail(who, "takes a buffer of this executor", `another's ${showType(buffer)}`);
  }

  private alive(buffer: Buffer, who: string): HeapBuffer {
    const own = this.own(buffer, who);
    return own.pointer ? own : fail(who, "takes a buffer that is alive", `${showType(buffer)} that was freed before`);
  }

  private checkAlive(): void {
    if (this.disposed) throw new UfomError("ufom: the wasm executor was disposed and cannot be used any more.");
  }
}
