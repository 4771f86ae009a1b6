import { describe, expect } from "vitest";
import { createWasmExecutor, parseEstimator, solve, sgd } from "../../../src/index.js";
import { meanOf } from "../../../src/core/solve/mean.js";
import { solveWith } from "../../../src/core/solve/solve.js";
import type { Job, MakeTeam } from "../../../src/core/solve/team.js";
import { countingExecutor } from "../../support/counting-executor.js";
import { pointOf } from "../../support/estimates.js";
import { bitsOf } from "../../support/gradients.js";
import { adamInside, everywhere, initialization } from "../../support/problems.js";
import { suiteTests, type SuiteOptions } from "./skip.js";

const problems = [everywhere, initialization, adamInside],
  estimator = parseEstimator("ufom:0.5");

/** Jobs of several tasks, with and without the target, at two θ. */
async function jobsOf(problem: (typeof problems)[number]["problem"], n: number): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let i = 0; i < n; i++)
    jobs.push({ theta: problem.theta(1 + (i % 2)), task: await problem.task(1, 1, i), choice: { exact: i % 3 === 0, probability: 0.5 } });
  return jobs;
}

/** What every team promises, whoever computes. */
export function runTeamTests(name: string, { create: make, skip }: SuiteOptions & { readonly create: MakeTeam }): void {
  describe(`team: ${name}`, () => {
    const test = suiteTests(skip);
    test.each(problems)("$name: one estimate a job, in the jobs' order, with the bits of the estimator's own", async ({ problem }) => {
      const { kernels } = await pointOf(problem),
        team = make(kernels, estimator),
        jobs = await jobsOf(problem, 7),
        estimates = await team.estimate(jobs);
      expect(team.name).toBe(name);
      expect(estimates).toHaveLength(jobs.length);
      for (const [i, { theta, task, choice }] of jobs.entries()) {
        const alone = await estimator.estimate((await pointOf(problem)).kernels, theta, task, choice);
        expect(bitsOf(estimates[i].gradient)).toBe(bitsOf(alone.gradient));
        expect([estimates[i].loss, estimates[i].counts, estimates[i].choice, estimates[i].peakStates]).toEqual([
          alone.loss,
          alone.counts,
          alone.choice,
          alone.peakStates,
        ]);
      }
      team.dispose();
    });

    test.each(["exact", "ufom:0.5"])("the mean of %s has the bits of the mean of the estimates", async spelling => {
      for (const { problem } of problems) {
        const { kernels, theta } = await pointOf(problem),
          own = make(kernels, parseEstimator(spelling)),
          jobs = (await jobsOf(problem, 5)).map(job => ({ ...job, theta }));
        const mean = await own.mean(jobs),
          expected = meanOf(await own.estimate(jobs));
        expect(bitsOf(mean.gradient)).toBe(bitsOf(expected.gradient));
        expect([mean.loss, mean.counts, mean.peakStates]).toEqual([expected.loss, expected.counts, expected.peakStates]);
        own.dispose();
      }
    });

    test("no jobs, no estimates", async () => {
      const { kernels } = await pointOf(everywhere.problem),
        team = make(kernels, estimator);
      expect(await team.estimate([])).toEqual([]);
      team.dispose();
    });

    test("a job that fails fails the call, and the next call is as if nothing had happened", async () => {
      const executor = countingExecutor(createWasmExecutor()),
        { kernels } = await pointOf(everywhere.problem, { executor }),
        team = make(kernels, estimator),
        jobs = await jobsOf(everywhere.problem, 3);
      const before = (await team.estimate(jobs)).map(e => bitsOf(e.gradient)),
        resident = executor.usage().buffers,
        wrong = { ...jobs[1], task: { nothing: jobs[0].theta } };
      await expect(team.estimate([jobs[0], wrong, jobs[2]])).rejects.toThrow(/^ufom: every task must have .*; received .*\.$/);
      expect((await team.estimate(jobs)).map(e => bitsOf(e.gradient))).toEqual(before);
      expect(executor.usage().buffers).toBe(resident);
      team.dispose();
      kernels.dispose();
      expect(executor.usage().buffers).toBe(0);
    });

    test("a run with it has the numbers of a run without", async () => {
      const options = { estimator: "ufom:0.5", outer: sgd(0.1), outerSteps: 5, metaBatch: 3 },
        own = solve(everywhere.problem, options);
      const run = solveWith(everywhere.problem, options, { executor: createWasmExecutor(), team: make });
      expect(bitsOf((await run.result()).theta)).toBe(bitsOf((await own.result()).theta));
    });

    test.end();
  });
}
