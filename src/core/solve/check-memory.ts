import { fail } from "../../tensor/error.js";
import { bytesOf, sizeOf } from "../../tensor/types.js";
import type { Type } from "../../tensor/types.js";
import type { Estimator } from "../estimators/estimator.js";
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
  readonly bytes: number;
}

/** The states of the inner loop that an evaluation holds at once, and their bytes. */
export function heldStates({ programs, steps }: Pick<CompiledProblem, "programs" | "steps">, { facts }: Pick<Estimator, "facts">): Held {
  const states = facts.states(steps),
    bytesOfState = bytesOfAll(programs.state);
  return { states, bytesOfState, bytes: states * bytesOfState };
}

/** Refuses, before anything is computed, an estimator whose states the executor cannot hold. @throws UfomError with the way out */
export function checkMemory(compiled: CompiledProblem, estimator: Estimator): void {
  const { capacity } = compiled.executor;
  if (capacity === undefined) return;
  const { states, bytesOfState, bytes } = heldStates(compiled, estimator),
    room = capacity - compiled.executor.usage().bytes;
  if (bytes <= room) return;
  const fewer = Math.min(64, Math.floor(room / (4 * bytesOfState))),
    ways = [...(fewer > 1 ? [`exact:checkpoint=${fewer} holds ${fewer}`] : []), "exact:recompute and ufom:adaptive hold one"];
  fail(
    estimator.name,
    `must hold no more states of the inner loop than the ${shown(Math.max(0, room))} of the ${compiled.executor.name} executor have room for (${ways.join(", ")})`,
    `${states.toLocaleString("en")} states of ${shown(bytesOfState)}, ${shown(bytes)} in all`,
  );
}
