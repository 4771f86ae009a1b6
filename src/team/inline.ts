import type { Estimate } from "../core/estimators/estimator.js";
import { meanOf } from "../core/solve/mean.js";
import type { Job, MakeTeam } from "../core/solve/team.js";

/** Computes the tasks one after another, here. */
export const inlineTeam: MakeTeam = (kernels, estimator) => {
  const estimate = async (jobs: readonly Job[]): Promise<Estimate[]> => {
    const estimates: Estimate[] = [];
    for (const { theta, task, choice } of jobs) estimates.push(await estimator.estimate(kernels, theta, task, choice));
    return estimates;
  };
  return {
    name: "inline",
    estimate,
    async mean(jobs) {
      const [{ theta, task, choice }, ...others] = jobs;
      if (!others.length) return meanOf([await estimator.estimate(kernels, theta, task, choice)]);
      const tasks = jobs.map(job => job.task);
      return (await estimator.mean?.(kernels, theta, tasks)) ?? meanOf(await estimate(jobs));
    },
    // The kernels belong to the run.
    dispose() {},
  };
};
