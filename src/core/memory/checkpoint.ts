import { fail } from "../../tensor/error.js";
import { fewestSteps, nextSnapshot } from "./binomial.js";
import { recompute } from "./recompute.js";
import { advance, endAndRelease, visitAndRelease, walkNoSteps } from "./steps.js";
import type { State } from "../evaluation/machine.js";
import type { MemoryStrategy, Walk } from "./strategy.js";

/** A state that is kept: φ_at. */
interface Snapshot {
  readonly state: State;
  readonly at: number;
}

/**
 * Binomial checkpointing: at most s states are kept, φ_from among them, and the inner loop is run again from the nearest
 * one before. With p(r, s) = t·r − C(s + t, s + 1), t the smallest with C(s + t, s) ≥ r, it takes
 *
 *     p(r, s) − (r − 1)
 *
 * extra inner steps, the fewest possible: φ_{r−1} is still at hand when φ_r was computed. None for s ≥ r − 1.
 *
 * @example
 * const estimator = exact(checkpoint(10));
 * estimator.name; // "exact:checkpoint=10"
 * checkpoint(10).extraSteps(1000); // 2637
 *
 * Source: A. Griewank and A. Walther, Algorithm 799: revolve, ACM Transactions on Mathematical Software 26(1), 2000.
 *
 * @param snapshots s, how many states may be kept
 * @throws if s is not a whole number ≥ 1
 */
export function checkpoint(snapshots: number): MemoryStrategy {
  if (!Number.isSafeInteger(snapshots) || snapshots < 1) refuseSnapshots(`${snapshots}`);
  return {
    name: `checkpoint=${snapshots}`,
    order: "reverse",
    extraSteps: r => (r === 0 ? 0 : fewestSteps(r, snapshots) - (r - 1)),
    states: r => Math.min(r, snapshots),
    parts: (first, second) => partsOf(snapshots, first, second),

    async walk(walk) {
      const { from, to, start } = walk;
      if (from === to) return walkNoSteps(walk);
      const kept: Snapshot[] = [{ state: start, at: from }];
      let peakStates = 1;
      try {
        for (let j = to; j > from; j--) {
          let { state, at } = kept[kept.length - 1];
          while (at < j - 1) {
            const free = snapshots - kept.length;
            const next = free === 0 ? j - 1 : at + nextSnapshot(j - at, free + 1);
            state = await advance(walk, state, at, next);
            at = next;
            if (at === j - 1) break;
            kept.push({ state, at });
            peakStates = Math.max(peakStates, kept.length);
          }
          if (kept[kept.length - 1].at === at) kept.pop();
          if (j === to) await runToEnd(walk, state);
          await visitAndRelease(walk, state, j);
        }
      } finally {
        for (const { state } of kept) walk.release(state);
      }
      return { peakStates };
    },
  };
}

/**
 * At most s states in two stretches together, and one in each at least, divided so that the fewest steps are run twice. Where a stretch has more steps
 * than states, the state from which its last step was run takes one of these places while the loop goes on.
 */
function partsOf(snapshots: number, first: number, second: number): readonly [MemoryStrategy, MemoryStrategy] {
  if (first + second <= snapshots) return [checkpoint(snapshots), checkpoint(snapshots)];
  const open = (s: number): MemoryStrategy =>
      first <= s ? checkpoint(s) : s === 1 ? recompute : { ...checkpoint(s - 1), states: r => Math.min(r, s) },
    ways = Array.from({ length: Math.max(1, second ? snapshots - 1 : 1) }, (_, i) => {
      const inner = checkpoint(i + 1),
        outer = open(second ? Math.max(1, snapshots - i - 1) : snapshots);
      return { parts: [outer, inner] as const, extra: outer.extraSteps(first) + inner.extraSteps(second) };
    });
  return ways.reduce((best, way) => (way.extra < best.extra ? way : best)).parts;
}

/** The strategy spelled `checkpoint=8`, if the text begins so. */
export function parseCheckpoint(text: string): MemoryStrategy | undefined {
  const count = /^checkpoint=(.*)$/s.exec(text)?.[1];
  if (count === undefined) return undefined;
  if (!/^\d+$/.test(count)) refuseSnapshots(`"${count}"`);
  return checkpoint(Number(count));
}

function refuseSnapshots(received: string): never {
  fail("checkpoint", "wants a whole number of snapshots, at least 1", received);
}

/** φ_to from φ_{to−1}, which is released only if this fails. */
async function runToEnd(walk: Walk, state: State): Promise<void> {
  try {
    await endAndRelease(walk, await advance(walk, state, walk.to - 1, walk.to));
  } catch (error) {
    walk.release(state);
    throw error;
  }
}
