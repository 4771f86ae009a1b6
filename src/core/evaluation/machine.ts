import type { Awaitable, Buffer } from "../../executors/executor.js";
import type { HostArray } from "../../tensor/types.js";
import type { ValueTree } from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";
import type { Definition } from "../problem/definitions.js";
import type { ProblemPrograms } from "../problem/programs.js";

/** Arrays in an executor's memory: the leaves of θ, of a task, or of x = { φ, state }, in order. */
export type State = readonly Buffer[];

/** A function of lists of values, whatever their types are: traced for the buffers that it is run on. */
export interface Formula {
  /** What profiles call it. */
  readonly name: string;
  /** The function that is traced, one list an argument; the leaves of what it returns are the outputs. */
  of(...lists: (readonly Value[])[]): ValueTree;
}

/**
 * What a plan is written for: a machine that runs programs now, or one that writes down what is to be run.
 * A plan asks for all that it computes by `run`, so that it comes to the same on both.
 */
export interface Machine {
  readonly programs: ProblemPrograms;
  /** The number of inner steps, r. */
  readonly steps: number;
  /** The most bytes that its executor may hold; Infinity where there is no such bound. */
  readonly capacity: number;
  /**
   * Runs a program on lists of arrays, one after another. What it gives is kept until the evaluation ends; `release` gives it back earlier.
   * @throws if the arrays are not of the program's types
   */
  run(program: Definition | Formula, ...inputs: readonly State[]): Awaitable<Buffer[]>;
  /**
   * x_last of x_j = step(x_{j−1}, j), j = first … last, from x_{first−1}; that is given back, as all on the way are. A recording runs a few steps
   * only: once they go on alike, it is the number of rounds that it writes down.
   * @param step the same for every j but for `index`
   */
  iterate(x: State, first: number, last: number, step: (x: State, j: number) => Awaitable<State>): Promise<State>;
  /** The array in the machine's memory. It is brought there once for each array object, so keep the object; its numbers must not change. */
  constant(array: HostArray): Buffer;
  /** A whole number as an int32 scalar. Of those from 2^14 on, the last 256 that were asked for hold: a long loop keeps none. */
  index(i: number): Buffer;
  /** Gives arrays back before the evaluation ends, which keeps memory constant in a loop. @throws for what `run` did not give, or twice */
  release(state: State): void;
}

/** Whether a program is made of a problem's functions. */
export const isDefinition = (program: Definition | Formula): program is Definition => "args" in program;
