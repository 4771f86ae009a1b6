// Random inputs that several tests share.
import { evaluateProgram } from "../../src/program/evaluate.js";
import { optimize } from "../../src/program/passes/index.js";
import type { Program } from "../../src/program/program.js";
import type { HostArray } from "../../src/tensor/types.js";
import * as fc from "./fast-check.js";

/** More than these are drawn anew by each test, so that they need not all be held. */
const MOST = 5_000;

/**
 * What holds a property to random inputs, drawn once for all properties. As with `fc.assert`, which draws the same ones, what fails is shrunk,
 * and the message holds seed and path to repeat it.
 *
 * @param of what is made of each, such as an object that remembers what several properties ask
 */
export function drawnOnce<T, D>(
  arbitrary: fc.Arbitrary<T>,
  of: (drawn: T) => D,
  parameters: { readonly numRuns: number; readonly seed: number },
): (property: (of: D) => void | Promise<void>) => Promise<void> {
  let drawn: readonly D[] | undefined;
  return async property => {
    const assert = () =>
      fc.assert(
        fc.asyncProperty(arbitrary, async one => property(of(one))),
        parameters,
      );
    if (parameters.numRuns > MOST) return assert();
    try {
      for (const one of (drawn ??= fc.sample(arbitrary, parameters).map(of))) await property(one);
    } catch (error) {
      await assert();
      throw error;
    }
  };
}

interface Runnable {
  readonly program: Program;
  readonly inputs: readonly HostArray[];
}

/** A program and its inputs, and what tests ask of it, computed once. */
export class DrawnProgram implements Runnable {
  readonly program: Program;
  readonly inputs: readonly HostArray[];
  #values: readonly HostArray[] | undefined;
  #optimized: Program | undefined;

  constructor({ program, inputs }: Runnable) {
    this.program = program;
    this.inputs = inputs;
  }

  /** The results of all nodes. */
  get values(): readonly HostArray[] {
    return (this.#values ??= evaluateProgram(this.program, this.inputs));
  }

  /** The results of the program. */
  get results(): HostArray[] {
    return this.program.outputs.map(o => this.values[o]);
  }

  get optimized(): Program {
    return (this.#optimized ??= optimize(this.program));
  }
}
