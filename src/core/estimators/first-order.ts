import { fail } from "../../tensor/error.js";
import { recompute, replay } from "../memory/index.js";
import type { SingleSweepEstimator } from "./single.js";
import { singleSweep } from "./single.js";
import type { EstimatorSpelling } from "./spelling.js";
import { mixedSweep, reverseSweep } from "../unroll/sweeps.js";

const plain = singleSweep({
  name: "first-order",
  memory: recompute,
  sweep: () => reverseSweep(0),
  refuse: kernels => {
    if (kernels.firstOrderVanishes) {
      fail(
        "first-order",
        "needs θ in the start or in the outer loss, as it drops all that reaches θ through inner steps (first-order:mixed keeps it)",
        `a problem whose first-order gradient is zero: θ enters its inner steps only${kernels.programs.definedAt}`,
      );
    }
  },
});

const mixed = singleSweep({
  name: "first-order:mixed",
  memory: replay,
  sweep: mixedSweep,
});

/**
 * The first-order method: second derivatives are dropped, G_FO = ∂_θL_out + (∂V/∂θ)ᵀ ∂_φL_out(φ_r). With `mixed`, only ∂²_{φφ} is
 * dropped and −Σ α_j (∂²_{θφ}L_in(φ_{j−1}))ᵀ u_r is kept. Both are biased; both hold one state.
 *
 * @param options.mixed keep the mixed part, which is all there is where θ enters the inner loss only
 * Source: Likhosherstov et al., ICML 2021, section 3.
 */
export const firstOrder = (options: { readonly mixed?: boolean } = {}): SingleSweepEstimator => (options.mixed ? mixed : plain);

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
