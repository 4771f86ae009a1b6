import * as fc from "./fast-check.js";
import type { Program } from "../../src/program/program.js";
import { printProgram } from "../../src/program/print.js";
import type { FloatType, HostArray } from "../../src/tensor/types.js";
import { Draft } from "./random-program/draft.js";
import type { Step } from "./random-program/draft.js";
import { moves } from "./random-program/moves.js";

/** A valid program, and numbers for its inputs. */
export interface RandomProgram {
  readonly program: Program;
  readonly inputs: readonly HostArray[];
}

/** From what a program is made: everything else follows, so that fast-check can shrink it. */
export interface Recipe {
  readonly float: FloatType;
  readonly seed: number;
  /** kind: 0 floats, 1 floats that are multiples of 1/8, 2 int32, 3 bool. */
  readonly inputs: readonly { readonly kind: number; readonly shape: readonly number[] }[];
  readonly steps: readonly Step[];
  readonly outputs: readonly number[];
}

/** Carries out a recipe. A step that cannot be done here, or would leave the range of tame numbers, is passed over. */
export function cook({ float, seed, inputs, steps, outputs }: Recipe): RandomProgram {
  const draft = new Draft(float, seed);
  for (const { kind, shape } of inputs) draft.input(kind, shape);
  for (const step of steps) {
    const move = moves[step.move % moves.length];
    move(draft, step);
    // Now and then once more, on its own result: that is where rules about two in a row are wrong.
    if (step.p[7] % 4 === 1) move(draft, { ...step, a: 0, p: [...step.p].reverse() });
  }
  return draft.finish(outputs);
}

const extent = fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 1, max: 7 }) }, { weight: 1, arbitrary: fc.constantFrom(0, 33) });
const shape = fc.array(extent, { maxLength: 4 }).map(s => (s.reduce((n, d) => n * d, 1) > 2_000 ? s.map(d => Math.min(d, 3)) : s));
const nat = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.record({
  move: nat,
  a: nat,
  b: nat,
  c: nat,
  p: fc.array(fc.nat(40), { minLength: 8, maxLength: 8 }),
});

export const recipe = (float: fc.Arbitrary<FloatType> = fc.constantFrom("float32", "float64")): fc.Arbitrary<Recipe> =>
  fc.record({
    float,
    seed: fc.nat(1_000_000),
    inputs: fc.array(fc.record({ kind: fc.nat(3), shape }), { minLength: 1, maxLength: 4 }),
    steps: fc.array(step, { minLength: 1, maxLength: 25, size: "max" }),
    outputs: fc.array(nat, { minLength: 1, maxLength: 3 }),
  });

/** Valid random programs over all primitives, with numbers for their inputs; a counterexample shows as its printed program. */
export const randomProgram = (float?: fc.Arbitrary<FloatType>): fc.Arbitrary<RandomProgram> =>
  recipe(float).map(r => {
    const made = cook(r);
    const text = (): string =>
      `\n${printProgram(made.program)}\n${made.inputs.map((x, i) => `input ${i} = [${showNumbers(x)}]`).join("\n")}\nrecipe ${JSON.stringify(r)}\n`;
    return Object.assign(made, { [fc.toStringMethod]: text });
  });

const showNumbers = ({ data }: HostArray): string =>
  `${Array.from(data.subarray(0, 12), String).join(", ")}${data.length > 12 ? ", …" : ""}`;
