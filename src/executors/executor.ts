import type { Program } from "../program/program.js";
import type { HostArray, Type } from "../tensor/types.js";

/** A value or the promise of one: WebAssembly answers at once, other executors may not. */
export type Awaitable<T> = T | Promise<T>;

/** Numbers in an executor's memory; opaque, and alive until it is freed. */
export type Buffer = Type;

/** Calls of an executable and the seconds spent in them, by the clock. */
export interface CallStatistics {
  calls: number;
  seconds: number;
}

/** A program that an executor has compiled. */
export interface Executable {
  readonly program: Program;
  readonly statistics: CallStatistics;
  /**
   * Runs the program on buffers of this executor, in the order of the program's inputs. The outputs are new buffers
   * that the caller owns, also where an output is an input unchanged; the inputs stay as they were.
   * @throws if the number, shapes or element types of the buffers are not the program's, or a buffer was freed
   */
  run(inputs: readonly Buffer[]): Awaitable<Buffer[]>;
  dispose(): void;
}

/** Where programs run. Buffers of one executor mean nothing to another. */
export interface Executor {
  readonly name: string;
  /** Compiles a program; equal programs (by hash) give one executable. `name` is what profiles show. */
  compile(program: Program, name?: string): Awaitable<Executable>;
  upload(array: HostArray): Buffer;
  read(buffer: Buffer): Awaitable<HostArray>;
  /** Gives a buffer's memory back. @throws if it was freed before */
  free(buffer: Buffer): void;
  /** Buffers alive now, and their bytes. */
  usage(): { readonly buffers: number; readonly bytes: number };
  /** Frees everything; the executor cannot be used afterwards. */
  dispose(): void;
}
