import { store } from "../memory/index.js";
import { zeroSweep } from "../unroll/sweeps.js";
import type { EstimatorSpelling } from "./spelling.js";
import type { SweepEstimator } from "./sweep-estimator.js";
import { sweepEstimator } from "./sweep-estimator.js";

const nothing = sweepEstimator({ name: "zero", bias: "no gradient", memory: store, sweep: () => zeroSweep });
const estimator: SweepEstimator = { ...nothing, facts: { ...nothing.facts, onlyAsPart: true } };

/**
 * No gradient, G = 0, with the outer loss at φ_r: a part of another estimator, as it never moves θ. As UFOM's baseline it leaves
 * (ξ/q) G_target, whose second moment is V²/q: the baseline that others must beat, D² < V².
 *
 * @example
 * ufom(0.2, { baseline: zero() }).name; // "ufom:0.2:baseline=zero"
 */
export const zero = (): SweepEstimator => estimator;

export const zeroSpelling: EstimatorSpelling = {
  spelling: "zero",
  summary: "no gradient, the outer loss alone: for a baseline that does no harm",
  examples: ["zero"],
  parse: text => (text === "zero" ? estimator : undefined),
};
