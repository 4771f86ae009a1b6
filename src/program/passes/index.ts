import { UfomError } from "../../tensor/error.js";
import type { Program } from "../program.js";
import { verifyProgram } from "../verify.js";
import { eliminateDeadCode } from "./dead-code.js";
import { optimizeLoops } from "./loops/index.js";
import { mergeParts } from "./merge-parts.js";
import { mergeReductions } from "./merge-reductions.js";
import { simplify } from "./simplify.js";

/** A transformation of programs that keeps what they compute. */
export type Pass = (program: Program) => Program;

/** What every program goes through before it is compiled. */
export const standardPasses: readonly Pass[] = [
  simplify,
  eliminateDeadCode,
  withinLoops,
  mergeParts,
  mergeReductions,
  simplify,
  eliminateDeadCode,
];

const optimized = new WeakMap<Program, Program>();

/** The same for programs within a program. */
function withinLoops(program: Program): Program {
  return optimizeLoops(program, body => {
    let after = optimized.get(body);
    if (!after) {
      optimized.set(body, (after = optimize(body)));
      optimized.set(after, after);
    }
    return after;
  });
}

/**
 * Runs passes over a program and verifies what each of them made. Inputs, outputs and their types stay; values stay as
 * each pass promises.
 *
 * @throws if a pass made an ill-typed program: a bug of that pass, which the sentence names
 */
export function optimize(program: Program, passes: readonly Pass[] = standardPasses): Program {
  return passes.reduce((before, pass) => {
    const after = pass(before);
    if (after !== before) verifyResult(after, pass);
    return after;
  }, program);
}

function verifyResult(program: Program, pass: Pass): void {
  try {
    verifyProgram(program);
  } catch (error) {
    throw new UfomError(`ufom: the pass ${pass.name} must keep a program well-typed; received from it: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
