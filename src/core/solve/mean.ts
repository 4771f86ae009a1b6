import type { HostTree } from "../../tensor/types.js";
import { averageTrees } from "../trees/average.js";
import type { Counts, Estimate } from "../estimators/estimator.js";
import { addCounts, noCounts } from "./result.js";

/** The mean of the estimates of a meta-batch. */
export interface MeanEstimate {
  /** θ's tree. */
  readonly gradient: HostTree;
  /** Mean outer loss. */
  readonly loss: number;
  /** Of all tasks together. */
  readonly counts: Counts;
  /** The most inner states held at once. */
  readonly peakStates: number;
  /** The estimates that it was made of, in the order of the tasks; none where an estimator took the mean itself, as it learns nothing from them. */
  readonly estimates: readonly Estimate[];
}

/** The mean of at least one estimate. */
export const meanOf = (estimates: readonly Estimate[]): MeanEstimate => ({
  gradient: averageTrees(estimates.map(e => e.gradient)),
  loss: estimates.reduce((sum, e) => sum + e.loss, 0) / estimates.length,
  counts: estimates.reduce((sum, e) => addCounts(sum, e.counts), noCounts),
  peakStates: Math.max(...estimates.map(e => e.peakStates)),
  estimates,
});
