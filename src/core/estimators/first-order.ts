import { fail } from "../../tensor/error.js";
import { describeTree } from "../../tensor/tree.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { parseMemory, recompute, replay, statesWithin } from "../memory/index.js";
import type { MemoryStrategy } from "../memory/index.js";
import type { SweepEstimator } from "./sweep-estimator.js";
import { checkMemory, sweepEstimator } from "./sweep-estimator.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";
import { mixedSweep, reverseSweep } from "../unroll/sweeps.js";

/** Which of the two forms is meant. */
export interface FirstOrderOptions {
  /** Whether the mixed part is kept, which is all there is where θ enters the inner loss only. */
  readonly mixed?: boolean;
  /** With `mixed`: how many states are kept, and whether residuals are; absent: as many states as 50 MB hold, and at least one. */
  readonly memory?: MemoryStrategy;
}

const firstOrderKeys: KeysOf<FirstOrderOptions> = { mixed: true, memory: true };

/** Of the states of the mixed form, so many bytes are kept where nothing is said: small states are dearer to compute twice than to keep. */
const STATES = 50e6;

const plain = sweepEstimator({
  name: "first-order",
  bias: "first-order",
  memory: recompute,
  sweep: () => reverseSweep(0),
  check: ({ programs }) => {
    if (programs.firstOrderVanishes) {
      fail(
        "first-order",
        "needs θ in the start or in the outer loss, as it drops all that reaches θ through inner steps (first-order:mixed keeps it)",
        `a problem whose first-order gradient is zero: θ enters its inner steps only${programs.carry ? " once φ is carried" : ""}${programs.definedAt}`,
      );
    }
  },
});

const mixedWith = (name: string, memory: MemoryStrategy): SweepEstimator =>
  sweepEstimator({ name, bias: "first-order", memory: replay(memory), sweep: mixedSweep });

const mixed = mixedWith("first-order:mixed", statesWithin(STATES)),
  mixedKeeping = (memory: MemoryStrategy) => mixedWith(`first-order:mixed:${checkMemory("first-order", memory).name}`, memory);

/**
 * The first-order method: second derivatives are dropped, G_FO = ∂_θL_out + (∂V/∂θ)ᵀ ∂_φL_out(φ_r). With `mixed`, only ∂²_{φφ} is
 * dropped and −Σ α_j (∂²_{θφ}L_in(φ_{j−1}))ᵀ u_r is kept. Both are biased, and both can do with one state: u_r is known at the end only, so the
 * mixed form goes over the steps again, computing once more the states that it did not keep, r − 1 of them at most.
 *
 * @param options.mixed keep the mixed part, which is all there is where θ enters the inner loss only
 * @param options.memory of the mixed form, how many states are kept: as many as 50 MB hold where nothing is said, one with `recompute`, all with
 * `store`, s with `checkpoint(s)`, the same bits each; with `residuals()` all and what their steps computed, the same gradient to rounding
 * @throws if `memory` is given without `mixed`, or is no memory strategy
 *
 * @example
 * firstOrder({ mixed: true }).name; // "first-order:mixed"
 * firstOrder({ mixed: true, memory: recompute }).facts.states(100); // 1
 *
 * Source: Likhosherstov et al., ICML 2021, section 3.
 */
export function firstOrder(options?: FirstOrderOptions): SweepEstimator {
  const { mixed: isMixed = false, memory } = checkOptions("first-order", options, firstOrderKeys);
  if (memory === undefined) return isMixed ? mixed : plain;
  if (!isMixed)
    fail("first-order", "takes a memory strategy with mixed: true only, as the plain form goes back over no step", describeTree(memory));
  return mixedKeeping(memory);
}

export const firstOrderSpelling: EstimatorSpelling = {
  spelling: "first-order",
  summary: "drops second derivatives: cheapest, one state, biased",
  examples: ["first-order"],
  parse: text => (text === "first-order" ? plain : undefined),
};

export const firstOrderMixedSpelling: EstimatorSpelling = {
  spelling: "first-order:mixed[:MEMORY]",
  summary: "drops ∂²_φφ only: for θ that enters the inner loss, biased; states are kept while 50 MB hold them, or as MEMORY says",
  examples: ["first-order:mixed", "first-order:mixed:recompute", "first-order:mixed:residuals"],
  parse(text) {
    const memory = after("first-order:mixed", text);
    return memory === undefined ? undefined : memory ? mixedKeeping(parseMemory(memory)) : mixed;
  },
};
