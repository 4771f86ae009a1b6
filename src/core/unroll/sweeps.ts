import type { Awaitable } from "../../executors/executor.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { State } from "../evaluation/machine.js";
import type { KeptResiduals, Place, ThetaBuffers } from "../evaluation/place.js";
import { mixed, pullback } from "../problem/definitions.js";
import type { Sweep, SweepIterator } from "./pass.js";

/** What a sweep carries from step to step. */
interface Swept {
  readonly u: State;
  readonly g: ThetaBuffers;
}

/** One step back. A part that does not change is returned as it is. */
type Move = (swept: Swept, x: State, j: number, kept?: KeptResiduals) => Awaitable<Swept>;

function iterate({ machine }: Place, first: Swept, leaves: readonly number[], move: Move): SweepIterator {
  let swept = first;
  // u_r and the zeros from which g starts are borrowed; what a move made is the sweep's own.
  const replace = (next: Swept) => {
    if (swept.u !== next.u && swept.u !== first.u) machine.release(swept.u);
    if (swept.g !== next.g && swept.g !== first.g) machine.release(swept.g);
    swept = next;
  };
  return {
    visit(x, j, kept) {
      const moved = move(swept, x, j, kept);
      return isPromise(moved) ? moved.then(replace) : replace(moved);
    },
    end: () => ({ ...swept, leaves }),
  };
}

/**
 * The exact reverse sweep over the last `depth` steps:
 *
 *     g ← g + (∂Φ_j/∂θ)ᵀu_j,  u_{j−1} = (∂Φ_j/∂x)ᵀu_j
 *
 * Depth r is the exact gradient, K < r the truncated one, 0 the first-order one. With `head`, the sweep goes on over the first steps, and takes the
 * steps between for the identity: u passes them as it is.
 *
 * @param head how many of the first steps are visited after the last `depth`; depth + head < r
 */
export const reverseSweep = (depth: number, head = 0): Sweep => ({
  depth,
  head,
  order: depth + head > 1 ? "reverse" : "any",
  program: pullback,
  resumes: true,
  begin(place, u) {
    // A sweep over no steps needs no program.
    const leaves = depth + head ? place.machine.programs.of(pullback).leaves : [];
    return iterate(place, { u, g: place.zeros(leaves) }, leaves, (swept, x, j, kept) => place.pullback(x, j, swept.u, swept.g, kept));
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
  program: mixed,
  resumes: true,
  begin(place, u) {
    const leaves = depth ? place.machine.programs.of(mixed).leaves : [];
    const keepingU = (g: ThetaBuffers): Swept => ({ u, g });
    return iterate(place, { u, g: place.zeros(leaves) }, leaves, (swept, x, j, kept) => {
      const g = place.mixed(x, j, u, swept.g, kept);
      return isPromise(g) ? g.then(keepingU) : keepingU(g);
    });
  },
});

/** No gradient at all: its place in a pass is free. */
export const zeroSweep: Sweep = {
  depth: 0,
  order: "any",
  program: pullback,
  isZero: true,
  begin: (_, u) => ({ visit: () => undefined, end: () => ({ u, g: [], leaves: [] }) }),
};
