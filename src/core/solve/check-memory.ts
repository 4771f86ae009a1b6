import { fail } from "../../tensor/error.js";
import { bytesOf, sizeOf } from "../../tensor/types.js";
import type { Type } from "../../tensor/types.js";
import type { Estimator } from "../estimators/estimator.js";
import type { KeptSteps } from "../unroll/kept.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";

/** What an array takes in an executor and on the host beside its numbers, about: its place, and what names it. */
const BESIDE = 256;

const bytesOfAll = (types: readonly Type[]): number =>
  types.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesOf[dtype] + BESIDE, 0);

/** Bytes as people read them. */
const shown = (bytes: number): string => {
  const [unit, size] = bytes >= 1e9 ? ["GB", 1e9] : bytes >= 1e6 ? ["MB", 1e6] : ["kB", 1e3];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
};

/** What an estimator will hold at once. */
export interface Held {
  readonly states: number;
  readonly bytesOfState: number;
  /** What is kept of steps besides their states; see `residuals`. */
  readonly residuals: KeptSteps | undefined;
  /** Of all states and residuals. */
  readonly bytes: number;
}

/** Bytes of all residuals that are kept. */
const bytesKept = (kept: KeptSteps | undefined): number => (kept?.step ? kept.steps * kept.step.bytes : 0);

/** The states of the inner loop that an evaluation holds at once, what it keeps of the steps besides, and the bytes of both. */
export function heldStates(problem: Pick<CompiledProblem, "programs" | "steps" | "capacity">, { facts }: Pick<Estimator, "facts">): Held {
  const states = facts.states(problem.steps, problem),
    bytesOfState = bytesOfAll(problem.programs.state),
    residuals = facts.residuals?.(problem);
  return { states, bytesOfState, residuals, bytes: states * bytesOfState + bytesKept(residuals) };
}

/** What is to be told of residuals, which no count of states has: what they take, and where only some steps keep theirs. */
function residualNotes(problem: Pick<CompiledProblem, "programs" | "steps" | "capacity">, { name, facts }: Estimator): string[] {
  const kept = facts.residuals?.(problem);
  if (!kept) return [];
  if (!kept.step) return [`${name} keeps states only: what a step computes is worth too little to its product to be kept.`];
  if (kept.steps === kept.depth) {
    const [each, all] = [kept.step.bytes, kept.depth * kept.step.bytes].map(shown);
    return [
      `${name} keeps the residuals of all ${kept.depth.toLocaleString("en")} steps beside their states: ${each} a step, ${all} in all.`,
    ];
  }
  const which = kept.steps
      ? `of the last ${kept.steps.toLocaleString("en")} of ${kept.depth.toLocaleString("en")} steps only`
      : "of no step",
    sizes = `${shown(kept.step.bytes)} a step, ${shown(kept.depth * kept.step.bytes)} in all`;
  return [`${name} keeps the residuals ${which}, as its bound allows; they take ${sizes}. What is not kept is computed again.`];
}

/** What is to be told of a problem's runs by an estimator, in sentences. */
export const notesOf = (compiled: CompiledProblem, estimator: Estimator): readonly string[] => [
  ...compiled.notes,
  ...residualNotes(compiled, estimator),
];

/** Refuses, before anything is computed, an estimator whose states the executor cannot hold. @throws UfomError with the way out */
export function checkMemory(compiled: CompiledProblem, estimator: Estimator): void {
  const { capacity } = compiled.executor;
  if (capacity === undefined) return;
  // Residuals are kept as far as there is room.
  const { states, bytesOfState, bytes: all, residuals } = heldStates(compiled, estimator),
    bytes = all - bytesKept(residuals),
    room = capacity - compiled.executor.usage().bytes;
  if (bytes <= room) return;
  const fewer = Math.min(64, Math.floor(room / (4 * bytesOfState))),
    ways = [...(fewer > 1 ? [`exact:checkpoint=${fewer} holds ${fewer}`] : []), "exact:recompute and ufom:adaptive:recompute hold one"];
  fail(
    estimator.name,
    `must hold no more states of the inner loop than the ${shown(Math.max(0, room))} of the ${compiled.executor.name} executor have room for (${ways.join(", ")})`,
    `${states.toLocaleString("en")} states of ${shown(bytesOfState)}, ${shown(bytes)} in all`,
  );
}
