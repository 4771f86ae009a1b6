import { parseMemory, store } from "../memory/index.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import type { SweepEstimator } from "./sweep-estimator.js";
import { checkMemory, sweepEstimator } from "./sweep-estimator.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";
import { reverseSweep } from "../unroll/sweeps.js";

/**
 * The exact hypergradient by a reverse sweep over all inner steps: u_{j−1} = u_j − α_j ∂²_{φφ}L_in u_j.
 *
 * @param memory how the sweep gets its states: `store` (r states), `residuals()` (r states and what their steps computed), `checkpoint(s)` (s),
 * `recompute` (1); `residuals` gives the gradient of the others to rounding, which give the same bits
 *
 * @example
 * exact(checkpoint(8)).name; // "exact:checkpoint=8"
 */
export const exact = (memory: MemoryStrategy = store): SweepEstimator =>
  sweepEstimator({
    name: checkMemory("exact", memory) === store ? "exact" : `exact:${memory.name}`,
    bias: "none",
    memory,
    sweep: reverseSweep,
  });

export const exactSpelling: EstimatorSpelling = {
  spelling: "exact[:MEMORY]",
  summary: "the exact gradient; MEMORY is store (default), residuals[=SIZE], checkpoint=S or recompute",
  examples: ["exact", "exact:residuals", "exact:residuals=500MB", "exact:checkpoint=8", "exact:recompute"],
  parse(text) {
    const memory = after("exact", text);
    return memory === undefined ? undefined : exact(memory ? parseMemory(memory) : store);
  },
};
