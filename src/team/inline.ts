import type { Estimate } from "../core/estimators/estimator.js";
import type { MakeTeam } from "../core/team.js";

/** Computes the tasks one after another, here. */
export const inlineTeam: MakeTeam = (kernels, estimator) => ({
  name: "inline",
  async estimate(jobs) {
    const estimates: Estimate[] = [];
    for (const { theta, task, choice } of jobs) estimates.push(await estimator.estimate(kernels, theta, task, choice));
    return estimates;
  },
  // The kernels belong to the run.
  dispose() {},
});
