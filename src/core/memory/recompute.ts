import { advance, endAndRelease, visitAndRelease, walkNoSteps } from "./steps.js";
import type { MemoryStrategy } from "./strategy.js";

/**
 * Keeps φ_from only, and runs the inner loop again from there for every visit: one state, r(r − 1)/2 extra inner steps.
 *
 * @example
 * const estimator = exact(recompute);
 * estimator.name; // "exact:recompute"
 * recompute.extraSteps(10); // 45
 *
 * Source: docs/theory.md, section 2.
 */
export const recompute: MemoryStrategy = {
  name: "recompute",
  order: "reverse",
  extraSteps: r => (r * r - r) / 2,
  states: r => Math.min(r, 1),

  async walk(walk) {
    const { from, to, start } = walk;
    if (from === to) return walkNoSteps(walk);
    try {
      await endAndRelease(walk, await advance(walk, start, from, to));
      for (let j = to; j > from + 1; j--) {
        await visitAndRelease(walk, await advance(walk, start, from, j - 1), j);
      }
      await walk.visit(start, from + 1);
    } finally {
      walk.release(start);
    }
    return { peakStates: 1 };
  },
};
