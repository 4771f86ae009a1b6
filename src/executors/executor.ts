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

/** A whole number that a call reads as an int32 scalar: the number of a step, say. */
export interface RoutineIndex {
  readonly index: number;
}

/** A program to be run on numbered places. */
export interface RoutineCall {
  readonly executable: Executable;
  readonly inputs: readonly (number | RoutineIndex)[];
  /** Not among its inputs. */
  readonly outputs: readonly number[];
}

/**
 * Rounds of the same calls, in which all numbers move on evenly: those of places, of indices, and how often loops in the body go round.
 *
 * A place that moves on is none that the caller gives. It comes to places of its own type only, and the types of the places that it passes over
 * repeat with its stride: wherever places lie one after another, it moves through memory evenly too.
 */
export interface RoutineLoop {
  /** At least one. */
  readonly times: number;
  /** The first round. */
  readonly body: readonly RoutineStep[];
  /** By how much each number of the body is greater in the next round; the numbers are in the order of `numbersIn`. */
  readonly strides: readonly number[];
}

/** What a routine does next. */
export type RoutineStep = RoutineCall | RoutineLoop;

/**
 * Steps without an even rhythm, most of which differ from others in indices and in how often loops go round only: each such kind once, and in
 * which order they come.
 */
export interface RoutineSequence {
  /** Calls, and loops of calls. */
  readonly kinds: readonly RoutineStep[];
  /** For each step the number of its kind, then those of its numbers that are no places, in the order of `numbersIn`. */
  readonly order: Int32Array;
}

/**
 * Steps in a fixed order on numbered places: what a pass over an inner loop comes to, once its shapes are known. Plain data but for the
 * executables; its length does not grow with the number of rounds that its loops make.
 */
export interface Routine {
  /** What each place holds; the caller gives the first `inputs` of them. */
  readonly places: readonly Type[];
  readonly inputs: number;
  /** The steps, in parts that are run together. What they write to among the inputs is the caller's to know. */
  readonly parts: readonly (readonly (RoutineStep | RoutineSequence)[])[];
  /** Places of the results. */
  readonly outputs: readonly number[];
}

/** Whether a step of a routine is a loop. */
export const isLoop = (step: RoutineStep | RoutineSequence): step is RoutineLoop => "body" in step;

/** Whether it is many steps of few kinds. */
export const isSequence = (step: RoutineStep | RoutineSequence): step is RoutineSequence => "order" in step;

/** How many numbers of a call, or of a loop of calls, are no places: its indices and, first, how often it goes round. */
export const freeNumbersIn = (step: RoutineStep): number =>
  isLoop(step)
    ? step.body.reduce((sum, inner) => sum + freeNumbersIn(inner), 1)
    : step.inputs.reduce<number>((sum, input) => sum + (typeof input === "number" ? 0 : 1), 0);

/** The numbers of steps in order: of a call its inputs and outputs, of a loop its `times` and then those of its body. */
export const numbersIn = (steps: readonly RoutineStep[]): number[] =>
  steps.flatMap(step =>
    isLoop(step)
      ? [step.times, ...numbersIn(step.body)]
      : [...step.inputs.map(input => (typeof input === "number" ? input : input.index)), ...step.outputs],
  );

/** The same steps with other numbers, taken from a list in order. */
function renumbered(steps: readonly RoutineStep[], numbers: Iterator<number, unknown, undefined>): RoutineStep[] {
  const next = () => numbers.next().value as number;
  return steps.map(step => {
    if (isLoop(step)) return { times: next(), body: renumbered(step.body, numbers), strides: step.strides };
    const { executable, inputs, outputs } = step;
    return {
      executable,
      inputs: inputs.map(input => (typeof input === "number" ? next() : { index: next() })),
      outputs: outputs.map(next),
    };
  });
}

/** What a loop does in round k, from 0. */
export const roundOf = ({ body, strides }: RoutineLoop, k: number): readonly RoutineStep[] =>
  k === 0
    ? body
    : renumbered(
        body,
        numbersIn(body)
          .map((number, i) => number + k * strides[i])
          [Symbol.iterator](),
      );

/** The sum of something over all calls that steps come to; what nested loops come to is taken to grow evenly from round to round. */
export function sumOverCalls(steps: readonly (RoutineStep | RoutineSequence)[], of: (call: RoutineCall) => number): number {
  let sum = 0;
  for (const step of steps) {
    if (isSequence(step)) sum += sumOverSequence(step, of);
    else if (!isLoop(step)) sum += of(step);
    else {
      const first = sumOverCalls(step.body, of),
        last = step.body.some(isLoop) ? sumOverCalls(roundOf(step, step.times - 1), of) : first;
      sum += (step.times * (first + last)) / 2;
    }
  }
  return sum;
}

function sumOverSequence({ kinds, order }: RoutineSequence, of: (call: RoutineCall) => number): number {
  const once = kinds.map(kind => sumOverCalls(isLoop(kind) ? kind.body : [kind], of)),
    lengths = kinds.map(kind => 1 + freeNumbersIn(kind));
  let sum = 0;
  for (let at = 0; at < order.length; at += lengths[order[at]]) sum += once[order[at]] * (isLoop(kinds[order[at]]) ? order[at + 1] : 1);
  return sum;
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

/** The machine's own library of matrix products, where one computes the larger products. Bits of results depend on it. */
export interface NativeInfo {
  /** Its name and version, as it tells them. */
  readonly library: string;
  /** The file, or the name by which the system finds it. */
  readonly path: string;
  /** Threads of a product. */
  readonly threads: number;
  /** Products of at least so many multiplications are handed over. */
  readonly threshold: number;
  /** Why what was measured of it could not be kept for later runs, if it could not. */
  readonly notKept?: string;
}

/** Where programs run. Buffers of one executor mean nothing to another. */
export interface Executor {
  readonly name: string;
  /** The most bytes that it may hold, where there is such a bound. */
  readonly capacity?: number;
  /** The library that computes its larger products, if one does. */
  readonly native?: NativeInfo;
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
