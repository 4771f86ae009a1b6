import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { recompute, replay } from "../memory/index.js";
import type { SweepEstimator } from "./sweep-estimator.js";
import { sweepEstimator } from "./sweep-estimator.js";
import type { EstimatorSpelling } from "./spelling.js";
import { mixedSweep, reverseSweep } from "../unroll/sweeps.js";

const firstOrderKeys: KeysOf<{ mixed?: boolean }> = { mixed: true };

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

const mixed = sweepEstimator({
  name: "first-order:mixed",
  bias: "first-order",
  memory: replay,
  sweep: mixedSweep,
});

/**
 * The first-order method: second derivatives are dropped, G_FO = ∂_θL_out + (∂V/∂θ)ᵀ ∂_φL_out(φ_r). With `mixed`, only ∂²_{φφ} is
 * dropped and −Σ α_j (∂²_{θφ}L_in(φ_{j−1}))ᵀ u_r is kept. Both are biased; both hold one state.
 *
 * @param options.mixed keep the mixed part, which is all there is where θ enters the inner loss only
 *
 * @example
 * firstOrder({ mixed: true }).name; // "first-order:mixed"
 *
 * Source: Likhosherstov et al., ICML 2021, section 3.
 */
export const firstOrder = (options?: { readonly mixed?: boolean }): SweepEstimator =>
  checkOptions("first-order", options, firstOrderKeys).mixed ? mixed : plain;

export const firstOrderSpelling: EstimatorSpelling = {
  spelling: "first-order",
  summary: "drops second derivatives: cheapest, one state, biased",
  examples: ["first-order"],
  parse: text => (text === "first-order" ? plain : undefined),
};

export const firstOrderMixedSpelling: EstimatorSpelling = {
  spelling: "first-order:mixed",
  summary: "drops ∂²_φφ only: for θ that enters the inner loss, biased",
  examples: ["first-order:mixed"],
  parse: text => (text === "first-order:mixed" ? mixed : undefined),
};
