import type { State } from "../evaluation/machine.js";
import { isPromise } from "../evaluation/awaitable.js";
import { keeping } from "./residuals.js";
import { advance, endAndRelease, releaseAll, walkNoSteps } from "./steps.js";
import type { MemoryStrategy } from "./strategy.js";

/** How much may be kept: what another strategy keeps, whatever its order. */
export type Kept = Pick<MemoryStrategy, "name" | "states" | "residualSteps" | "fit">;

/**
 * Visits φ_from, φ_{from+1}, … after the end, for sums over steps that need no swept vector, such as the first-order gradient with the mixed part:
 * u_j = u_r for all j. Of the s states that may be kept one is φ_from and the others the last of the forward pass; what lies between is computed
 * once more on the way:
 *
 *     max(0, r − s)
 *
 * extra inner steps: r − 1 with one state, none with r. The visits are the same ones in the same order, whatever is kept.
 *
 * Source: docs/theory.md, section 3.
 *
 * @param kept how many states, and of how many steps the residuals, which are those of the last steps and need their states kept
 */
export const replay = (kept: Kept): MemoryStrategy => ({
  name: kept.name,
  order: "ascending",
  extraSteps: r => r - Math.min(r, kept.states(r)),
  states: r => Math.min(r, kept.states(r)),
  residualSteps: kept.residualSteps,
  fit: kept.fit && (bytes => replay(kept.fit!(bytes))),

  async walk(walk) {
    const { from, to, start, residuals } = walk;
    if (from === to) return walkNoSteps(walk);
    const states = Math.min(to - from, kept.states(to - from)),
      // Beside φ_from, the states φ_first … φ_{to−1}; the step after each of them, and after φ_from where all are kept, may keep its residuals.
      first = to - states + 1,
      resumed = to - Math.min(residuals?.steps ?? 0, first === from + 1 ? states : states - 1),
      held: State[] = [],
      withheld: State[] = [];
    let current = start;
    try {
      const step = (x: State, j: number) => (residuals && j > resumed ? keeping(residuals.forward(x, j), withheld) : walk.forward(x, j));
      let state = first > from + 1 ? await advance(walk, start, from, first) : await step(start, first);
      for (let j = first + 1; j <= to; j++) {
        held.push(state);
        const next = step(state, j);
        state = isPromise(next) ? await next : next;
      }
      await endAndRelease(walk, state);
      held.reverse();
      withheld.reverse();
      for (let j = from + 1; ; j++) {
        const own = j > resumed ? withheld[withheld.length - 1] : undefined;
        await (residuals && own ? residuals.visit(current, j, own) : walk.visit(current, j));
        if (own) walk.release(withheld.pop()!);
        if (j === to) break;
        const next = j < first ? await advance(walk, current, j - 1, j) : held.pop()!;
        walk.release(current);
        current = next;
      }
    } finally {
      walk.release(current);
      releaseAll(walk, withheld);
      releaseAll(walk, held);
    }
    return { peakStates: states };
  },
});
