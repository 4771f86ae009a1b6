import { exact } from "../estimators/exact.js";
import type { SweepEstimator } from "../estimators/sweep-estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { checkpoint, recompute, residuals, store } from "../memory/index.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import { heldStates } from "../solve/check-memory.js";

/** How many checkpoints are looked at where more would fit: beyond, few inner steps are saved. */
const CHECKPOINTS = 16;

/** A memory strategy of the exact gradient, and what it holds. */
export interface Strategy {
  /** `store`, `residuals`, `checkpoint`, `recompute`. */
  readonly kind: string;
  readonly memory: MemoryStrategy;
  readonly exact: SweepEstimator;
  /** Inner states held at once, and the bytes of all of them and of what is kept of steps besides. */
  readonly states: number;
  readonly bytes: number;
  /** Whether they are no more than the bytes that there are. */
  readonly fits: boolean;
}

/**
 * The strategies of the exact gradient, with the bytes of their states as their programs have them.
 *
 * @param room bytes
 */
export function strategiesOf(compiled: CompiledProblem, room: number): Strategy[] {
  const { steps } = compiled,
    bytesOfState = heldStates(compiled, exact(recompute)).bytesOfState,
    most = Math.floor(room / Math.max(1, bytesOfState)),
    checkpoints = Math.max(1, Math.min(CHECKPOINTS, steps - 1, most)),
    kinds: [string, MemoryStrategy][] = [
      ["residuals", residuals()],
      ["store", store],
      ["checkpoint", checkpoint(checkpoints)],
      ["recompute", recompute],
    ];
  return kinds.flatMap(([kind, memory]) => {
    const estimator = exact(memory),
      { states, bytes, residuals: kept } = heldStates(compiled, estimator);
    // Where residuals are not worth their room, it is store again.
    if (kind === "residuals" && !kept?.step) return [];
    return [{ kind, memory, exact: estimator, states, bytes, fits: bytes <= room }];
  });
}
