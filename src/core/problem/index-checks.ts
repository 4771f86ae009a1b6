import { evaluateProgram } from "../../program/evaluate.js";
import type { IndexUse } from "../../tensor/index-uses.js";
import { checkBound } from "../../tensor/ops/bounded.js";
import type { HostArray } from "../../tensor/types.js";

/**
 * Checks the leaves of a tree that is placed in memory: those that a problem uses as positions or labels.
 * @param names of the leaves, for the sentence
 * @param first which input of the uses the first leaf is
 * @throws a sentence with the number that is outside, where it stands, and what is allowed
 */
export function checkIndices(uses: readonly IndexUse[], leaves: readonly HostArray[], names: readonly string[], first: number): void {
  for (const { input, bound, some, program } of uses) {
    const leaf = leaves[input - first] as HostArray | undefined;
    // What is computed from a leaf is clamped.
    if (leaf && !program) checkBound(leaf, bound, names[input - first], some);
  }
}

/** The smallest and the largest position that a program computes from the number of a step. */
function spanAt(step: number, { program, input }: IndexUse): readonly [number, number] {
  const scalar: HostArray = { shape: [], dtype: "int32", data: Int32Array.of(step) };
  const { data } = program ? evaluateProgram(program, new Array<HostArray>(input + 1).fill(scalar))[program.outputs[0]] : scalar;
  let [low, high] = [Infinity, -Infinity];
  for (const i of data) [low, high] = [Math.min(low, i), Math.max(high, i)];
  return [low, high];
}

/**
 * What is to be told of positions that inner steps compute from their number: those past the end of an axis are clamped, so that later steps
 * read its last element again and again.
 * @param input which input of the uses is the number of the step
 * @param steps how many inner steps there are
 */
export function notesOnSteps(uses: readonly IndexUse[], input: number, steps: number): string[] {
  const notes = uses.flatMap(use => {
    const { who, what, extent } = use.bound;
    const outside = (j: number) => {
      const [low, high] = spanAt(j, use);
      return low < 0 || high >= extent;
    };
    if (use.input !== input || steps === 0 || what !== "positions" || !outside(steps - 1)) return [];
    // Positions go up with the step: the first step past the end is found by halving.
    let [inside, past] = [-1, steps - 1];
    while (past - inside > 1) {
      const middle = Math.floor((inside + past) / 2);
      if (outside(middle)) past = middle;
      else inside = middle;
    }
    const [low, high] = spanAt(past, use);
    const at = low < 0 ? low : high;
    return [
      `np.${who} takes position ${at} of an axis of ${extent} elements in inner step ${past + 1} of ${steps}: positions outside are clamped, so that `
        + `all later ones take ${at < 0 ? "the first" : "the last"} element again (fewer inner steps, more elements, or positions modulo ${extent}).`,
    ];
  });
  return [...new Set(notes)];
}
