import { advance, endAndRelease, walkNoSteps } from "./steps.js";
import type { MemoryStrategy } from "./strategy.js";

/**
 * Keeps φ_from, and after the end runs the inner loop once more, visiting φ_from, φ_{from+1}, … on the way: one state,
 * r − 1 extra inner steps. Its visits ascend, so it serves sums over steps that need no swept vector, such as the
 * first-order gradient with the mixed part: u_j = u_r for all j.
 *
 * Source: docs/theory.md, section 3.
 */
export const replay: MemoryStrategy = {
  name: "replay",
  order: "ascending",
  extraSteps: r => Math.max(0, r - 1),
  states: r => Math.min(r, 1),

  async walk(walk) {
    const { from, to, start } = walk;
    if (from === to) return walkNoSteps(walk);
    let held = start;
    try {
      await endAndRelease(walk, await advance(walk, start, from, to));
      await walk.visit(held, from + 1);
      for (let j = from + 2; j <= to; j++) {
        const next = await advance(walk, held, j - 2, j - 1);
        walk.release(held);
        held = next;
        await walk.visit(held, j);
      }
    } finally {
      walk.release(held);
    }
    return { peakStates: 1 };
  },
};
