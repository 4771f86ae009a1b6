import { fail } from "../../tensor/error.js";
import { parseCheckpoint } from "./checkpoint.js";
import { parseResiduals } from "./residuals.js";
import { recompute } from "./recompute.js";
import { store } from "./store.js";
import type { MemoryStrategy } from "./strategy.js";

export { checkpoint } from "./checkpoint.js";
export { fitted, statesWithin } from "./fit.js";
export { recompute } from "./recompute.js";
export { replay } from "./replay.js";
export { residuals } from "./residuals.js";
export { store } from "./store.js";
export type { MemoryStrategy, Walk, WalkReport } from "./strategy.js";

/** A memory strategy of the exact gradient, as the command line spells and lists it. */
export interface MemorySpelling {
  readonly spelling: string;
  readonly summary: string;
  /** The strategy, if the text is this one's spelling. */
  parse(text: string): MemoryStrategy | undefined;
}

/** Every strategy that can be asked for by name. */
export const memorySpellings: readonly MemorySpelling[] = [
  {
    spelling: "store",
    summary: "keeps all r states of the inner loop; no step is run twice",
    parse: text => (text === "store" ? store : undefined),
  },
  {
    spelling: "residuals[=SIZE]",
    summary: "keeps all states, and what steps computed for their products while SIZE allows (500MB; 1GB unless given); less work",
    parse: parseResiduals,
  },
  {
    spelling: "checkpoint=S",
    summary: "keeps at most S states; the fewest extra steps that this allows",
    parse: parseCheckpoint,
  },
  {
    spelling: "recompute",
    summary: "keeps one state; r(r − 1)/2 extra steps",
    parse: text => (text === "recompute" ? recompute : undefined),
  },
];

/**
 * A memory strategy by its spelling: `store`, `residuals=500MB`, `checkpoint=8`, `recompute`.
 *
 * @throws if the text is none of them
 */
export function parseMemory(text: string): MemoryStrategy {
  for (const { parse } of memorySpellings) {
    const strategy = parse(text);
    if (strategy) return strategy;
  }
  const known = memorySpellings.map(({ spelling }) => spelling).join(", ");
  return fail("a memory strategy", `is one of ${known}`, JSON.stringify(text));
}
