// What every team keeps, as a suite that is called.
import { describe, expect } from "vitest";
import { createWasmExecutor, parseEstimator, sgd, solve } from "../../../src/index.js";
import type { Job } from "../../../src/core/batch/evaluate.js";
import { solveWith } from "../../../src/core/solve/solve.js";
import type { MakeTeam } from "../../../src/core/solve/team.js";
import { meanOfEstimates, readingMean, type HostMean } from "../../support/batches.js";
import { countingExecutor } from "../../support/counting-executor.js";
import { estimateAt, outcomesOf, pointOf, type Point } from "../../support/estimates.js";
import { bitsOf } from "../../support/gradients.js";
import { suiteTests, type SuiteOptions } from "./skip.js";
import { adamInside, everywhere, initialization } from "../../support/problems.js";

const problems = [everywhere, initialization, adamInside];

/** Holds a team to the contract. */
export function runTeamTests(name: string, { create, skip }: SuiteOptions & { readonly create: MakeTeam }): void {
  const jobsOf = async ({ theta }: Point, problem: (typeof problems)[number]["problem"], spelling: string, n: number): Promise<Job[]> => {
    const choices = outcomesOf(parseEstimator(spelling), theta),
      jobs: Job[] = [];
    for (let i = 0; i < n; i++) jobs.push({ task: await problem.task(1, 1, i), choice: choices[i % choices.length] });
    return jobs;
  };
  const meanBy = async ({ compiled, theta }: Point, spelling: string, jobs: readonly Job[]): Promise<HostMean> => {
    const team = create(compiled, parseEstimator(spelling)),
      lease = compiled.theta.lease(theta);
    try {
      return await team.mean(lease.state, jobs, readingMean(compiled));
    } finally {
      lease.release();
      team.dispose();
    }
  };

  describe(`team ${name}`, () => {
    const test = suiteTests(skip);
    test.each(["exact", "ufom:0.5"])("the mean of %s has the bits of the mean of single estimates, in the jobs' order", async spelling => {
      for (const { problem } of problems)
        for (const n of [1, 2, 5]) {
          const point = await pointOf(problem),
            jobs = await jobsOf(point, problem, spelling, n),
            mean = await meanBy(point, spelling, jobs),
            estimates = [];
          for (const { task, choice } of jobs) estimates.push(await estimateAt({ ...point, task }, parseEstimator(spelling), choice));
          const expected = meanOfEstimates(estimates);
          expect(bitsOf(mean.gradient)).toBe(bitsOf(expected.gradient));
          expect([mean.loss, mean.counts, mean.peakStates]).toEqual([expected.loss, expected.counts, expected.peakStates]);
          // Another order of the same jobs is another sum, of the same mean to rounding.
          if (n > 2) expect((await meanBy(point, spelling, [...jobs].reverse())).loss).toBeCloseTo(mean.loss, 12);
        }
    });

    test("a job that fails fails the call, and the next call is as if nothing had happened", async () => {
      const executor = countingExecutor(createWasmExecutor()),
        point = await pointOf(everywhere.problem, { executor }),
        jobs = await jobsOf(point, everywhere.problem, "ufom:0.5", 3);
      const before = bitsOf((await meanBy(point, "ufom:0.5", jobs)).gradient),
        resident = executor.usage().buffers,
        wrong = { ...jobs[1], task: { nothing: point.theta } };
      await expect(meanBy(point, "ufom:0.5", [jobs[0], wrong, jobs[2]])).rejects.toThrow(/^ufom: every task must have .*; received .*\.$/);
      expect(bitsOf((await meanBy(point, "ufom:0.5", jobs)).gradient)).toBe(before);
      expect(executor.usage().buffers).toBe(resident);
      point.compiled.dispose();
      expect(executor.usage().buffers).toBe(0);
    });

    test("a run with it has the numbers of a run without", async () => {
      const options = { estimator: "ufom:0.5", outer: sgd(0.1), outerSteps: 5, metaBatch: 3 },
        own = solve(everywhere.problem, options);
      const run = solveWith(everywhere.problem, options, { executor: createWasmExecutor(), team: create });
      expect(bitsOf((await run.result()).theta)).toBe(bitsOf((await own.result()).theta));
    });

    test.end();
  });
}
