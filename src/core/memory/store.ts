import { advance, releaseAll, endAndRelease, visitAndRelease, walkNoSteps } from "./steps.js";
import type { State } from "../evaluation/machine.js";
import type { MemoryStrategy } from "./strategy.js";

/**
 * Keeps φ_from, …, φ_{to−1} of the forward pass: r states, no extra inner steps.
 *
 * @example
 * const estimator = exact(store);
 * estimator.name; // "exact"
 * store.extraSteps(100); // 0
 *
 * Source: docs/theory.md, section 2; the states of an unrolled loop without its activations.
 */
export const store: MemoryStrategy = {
  name: "store",
  order: "reverse",
  extraSteps: () => 0,
  states: r => r,

  async walk(walk) {
    const { from, to, start } = walk;
    if (from === to) return walkNoSteps(walk);
    const held: State[] = [start];
    try {
      await endAndRelease(walk, await advance(walk, start, from, to, held));
      for (let j = to; j > from; j--) await visitAndRelease(walk, held.pop()!, j);
    } finally {
      releaseAll(walk, held);
    }
    return { peakStates: to - from };
  },
};
