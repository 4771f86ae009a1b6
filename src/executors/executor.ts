import type { Program } from "../program/program.js";
import { UfomError } from "../tensor/error.js";
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

/** Thrown by an executor that cannot run a program, though another may. */
export class DeclinedError extends UfomError {}

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

/** A program to be run on numbered places. */
export interface RoutineCall {
  readonly executable: Executable;
  readonly inputs: readonly number[];
  /** Not among its inputs. */
  readonly outputs: readonly number[];
}

/** Calls in a fixed order on numbered places: what a pass over an inner loop comes to, once its shapes are known. */
export interface Routine {
  /** What each place holds; the caller gives the first `inputs` of them. */
  readonly places: readonly Type[];
  readonly inputs: number;
  /** The calls, in parts that are run together. What they write to among the inputs is the caller's to know. */
  readonly parts: readonly (readonly RoutineCall[])[];
  /** Places of the results. */
  readonly outputs: readonly number[];
}

/** Who computes for long lets others have their turn: what asks when, and waits. */
export interface Interruption {
  /** Whether it is time to pause. @param effort what was done since it was asked last, as `effortOf` counts */
  due(effort: number): boolean;
  /** Waits until others had their turn. @throws if there is nothing more to be done */
  pause(): Promise<void>;
}

/** A routine in an executor's memory: it holds all its places and keeps its executables alive. */
export interface LinkedRoutine {
  /** Seconds that each part took when it was run last; undefined where the executor cannot tell. */
  readonly seconds: readonly number[] | undefined;
  /** The places of its results: its own stay where they are until it is disposed; for one that is an input, what was given last. */
  readonly outputs: readonly Buffer[];
  /**
   * Runs parts in the order of their numbers here, or all of them. The outputs stay the routine's own, and hold until its next run.
   * @param timed whether `seconds` are wanted: without them, parts that follow each other are run as one
   * @throws as `Executable.run`
   */
  run(inputs: readonly Buffer[], parts?: readonly number[], timed?: boolean): readonly Buffer[];
  /**
   * The same, pausing between calls where it is time to: then it answers later, and nobody may run it meanwhile. A single call is not cut.
   * @throws also what `pause` throws, with the results undefined
   */
  runWithPauses(
    inputs: readonly Buffer[],
    parts: readonly number[] | undefined,
    timed: boolean,
    interruption: Interruption,
  ): Awaitable<readonly Buffer[]>;
  dispose(): void;
}

/** Where programs run. Buffers of one executor mean nothing to another. */
export interface Executor {
  readonly name: string;
  /** The most bytes that it may hold, where there is such a bound. */
  readonly capacity?: number;
  /**
   * Compiles a program; equal programs (by hash) give one executable. `name` is what profiles show.
   * @throws DeclinedError if this executor cannot run it, though another may
   */
  compile(program: Program, name?: string): Awaitable<Executable>;
  /** Why `compile` would decline a program, as the rest of a sentence that begins with its name (`needs …`); absent: it declines none. */
  refuse?(program: Program): string | undefined;
  upload(array: HostArray): Buffer;
  /** Replaces the numbers of a buffer by those of an array of the same type. @throws if it is of another type, or the buffer was freed */
  write(buffer: Buffer, array: HostArray): void;
  read(buffer: Buffer): Awaitable<HostArray>;
  /** The same of several buffers at once; their numbers may share a piece of memory. */
  readAll(buffers: readonly Buffer[]): Awaitable<HostArray[]>;
  /** Gives a buffer's memory back; after `dispose` there is nothing to give. @throws if it was freed before */
  free(buffer: Buffer): void;
  /** Buffers alive now, and their bytes. */
  usage(): { readonly buffers: number; readonly bytes: number };
  /** Makes many calls one, where an executor gains by it. */
  link?(routine: Routine): LinkedRoutine;
  /** Frees everything; the executor cannot be used afterwards. */
  dispose(): void;
}
