import type { Awaitable } from "../../executors/executor.js";
import { isPromise } from "../awaitable.js";
import type { ThetaBuffers } from "../kernels.js";
import type { State } from "../memory/strategy.js";
import type { Place, Sweep, SweepUnderway } from "../unroll.js";

/** What a sweep carries from step to step. */
interface Swept {
  readonly u: State;
  readonly g: ThetaBuffers;
}

/** One step back. A part that does not change is returned as it is. */
type Move = (swept: Swept, x: State, j: number) => Awaitable<Swept>;

function underway({ kernels }: Place, first: Swept, leaves: readonly number[], move: Move): SweepUnderway {
  let swept = first,
    seconds = 0;
  // u_r and the zeros from which g starts are borrowed; what a move made is the sweep's own.
  const replace = (next: Swept) => {
    if (swept.u !== next.u && swept.u !== first.u) kernels.release(swept.u);
    if (swept.g !== next.g && swept.g !== first.g) kernels.release(swept.g);
    swept = next;
  };
  return {
    visit(x, j) {
      const started = performance.now(),
        moved = move(swept, x, j);
      const keep = (next: Swept) => {
        replace(next);
        seconds += (performance.now() - started) / 1000;
      };
      return isPromise(moved) ? moved.then(keep) : keep(moved);
    },
    end: () => ({ ...swept, leaves }),
    release: () => replace(first),
    get seconds() {
      return seconds;
    },
  };
}

/**
 * The exact reverse sweep over the last `depth` steps:
 *
 *     g ← g + (∂Φ_j/∂θ)ᵀu_j,  u_{j−1} = (∂Φ_j/∂x)ᵀu_j
 *
 * Depth r is the exact gradient, K < r the truncated one, 0 the first-order one.
 */
export const reverseSweep = (depth: number): Sweep => ({
  depth,
  order: depth > 1 ? "reverse" : "any",
  program: "pullback",
  begin(place, u) {
    // A sweep over no steps needs no program.
    const { kernels, theta, task } = place,
      leaves = depth ? kernels.programs.pullback.leaves : [];
    return underway(place, { u, g: kernels.zeros(leaves) }, leaves, (swept, x, j) => kernels.pullback(theta, x, task, j, swept.u, swept.g));
  },
});

/**
 * The first-order sweep over the last `depth` steps that keeps the mixed part, u_j = u_r for all j:
 *
 *     g ← g + (∂Φ_j/∂θ)ᵀu_r
 *
 * The order of the steps does not matter.
 */
export const mixedSweep = (depth: number): Sweep => ({
  depth,
  order: "any",
  program: "mixed",
  begin(place, u) {
    const { kernels, theta, task } = place,
      leaves = depth ? kernels.programs.mixed.leaves : [];
    const keepingU = (g: ThetaBuffers): Swept => ({ u, g });
    return underway(place, { u, g: kernels.zeros(leaves) }, leaves, (swept, x, j) => {
      const g = kernels.mixed(theta, x, task, j, u, swept.g);
      return isPromise(g) ? g.then(keepingU) : keepingU(g);
    });
  },
});
