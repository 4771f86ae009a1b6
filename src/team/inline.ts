import { evaluateBatch } from "../core/batch/evaluate.js";
import type { MakeTeam } from "../core/solve/team.js";

/** Computes the tasks one after another, here. */
export const inlineTeam: MakeTeam = (compiled, estimator) => ({
  name: "inline",
  mean: (theta, jobs, use) => evaluateBatch(compiled, estimator, theta, jobs, use),
  // The compiled problem belongs to the run.
  dispose() {},
});
