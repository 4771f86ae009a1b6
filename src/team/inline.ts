import type { Estimator } from "../core/estimators/estimator.js";
import type { Kernels } from "../core/kernels.js";
import type { Estimate } from "../core/estimators/estimator.js";
import type { Team } from "./team.js";

/** Computes the tasks one after another, here. */
export const inlineTeam = (kernels: Kernels, estimator: Estimator): Team => ({
  name: "inline",
  async estimate(jobs) {
    const estimates: Estimate[] = [];
    for (const { theta, task, choice } of jobs) estimates.push(await estimator.estimate(kernels, theta, task, choice));
    return estimates;
  },
  dispose() {},
});
