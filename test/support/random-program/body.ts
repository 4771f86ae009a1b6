import { stream } from "../../../src/core/random/index.js";
import type { Program } from "../../../src/program/program.js";
import { serializeProgram } from "../../../src/program/serialize.js";
import type { Type } from "../../../src/tensor/types.js";
import type { Draft, Fact, Step } from "./draft.js";
import type { Move } from "./moves.js";

/** From what a program within a program is made. */
export interface BodyRecipe {
  readonly moves: readonly Move[];
  readonly seed: number;
  readonly size: number;
  /** Types that its first outputs must have. */
  readonly wanted: readonly Type[];
  /** How many outputs of any type follow. */
  readonly free: number;
}

/** A program within a program, with its outputs on one set of inputs; `key` is its text. */
export interface Body {
  readonly program: Program;
  readonly key: string;
  readonly outputs: readonly Fact[];
}

/** Writes the program that a recipe gives on some inputs: on other numbers the same recipe may give another one. */
export function writeBody(around: Draft, { moves, seed, size, wanted, free }: BodyRecipe, inputs: readonly Fact[]): Body {
  const draft = around.within(seed),
    random = stream(seed, "body");
  for (const fact of inputs) draft.given(fact);
  for (let k = 0; k < size; k++) {
    const nat = () => random.integer(1_000),
      step: Step = { move: nat(), a: nat(), b: nat(), c: nat(), p: Array.from({ length: 8 }, () => random.integer(41)) };
    moves[step.move % moves.length](draft, step);
  }
  const outputs = [
    ...wanted.map(type => {
      const found = draft.pick(random.integer(1_000), t => t.dtype === type.dtype);
      return draft.fit(found ?? draft.literal(1, type.dtype), type.shape);
    }),
    ...Array.from({ length: free }, () => draft.pick(random.integer(1_000), () => true) ?? draft.literal(1, draft.float)),
  ];
  const program = draft.builder.build(outputs);
  return { program, key: serializeProgram(program), outputs: outputs.map(o => draft.facts[o]) };
}
