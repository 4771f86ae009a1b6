import { costsOfBoth, nothingDrawn } from "../estimators/both-gradients.js";
import type { Estimator } from "../estimators/estimator.js";
import { certain } from "../estimators/estimator.js";
import type { SweepEstimator } from "../estimators/sweep-estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { outer, pullback } from "../problem/definitions.js";
import type { Costs } from "../theory/cost.js";

/** Operations in units of an inner step's, counted from the programs. */
export interface Work {
  /** Of one product: of u and g one step back. */
  readonly product: number;
  /** Of the outer loss and its gradients. */
  readonly outer: number;
}

/** What the parts of a gradient cost. */
export const workOf = (compiled: CompiledProblem): Work => ({
  product: compiled.steps > 0 ? compiled.work(pullback) : 0,
  outer: compiled.work(outer),
});

/** What an estimator costs that draws nothing. */
export function workOfOne(compiled: CompiledProblem, estimator: Estimator): number | undefined {
  const work = estimator.work?.(compiled, certain);
  return work && work.deterministic + work.random;
}

/** C_det and C_rnd of UFOM over a baseline: of the baseline, and of the target beside it. */
export function costsOver(compiled: CompiledProblem, baseline: Estimator, target: SweepEstimator): Costs {
  const { deterministic, random } = costsOfBoth(compiled, baseline, target, nothingDrawn, {});
  return { det: deterministic, rnd: random };
}
