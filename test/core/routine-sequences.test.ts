// What has no rhythm: steps of a few kinds in an order that is held apart.
import { afterEach, expect, test, vi } from "vitest";
import { createWasmExecutor, parseEstimator } from "../../src/index.js";
import { Tape } from "../../src/core/evaluation/tape.js";
import type { Routine } from "../../src/executors/executor.js";
import { isSequence, sumOverCalls } from "../../src/executors/executor.js";
import { estimateAt, pointOf } from "../support/estimates.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere, ridge } from "../support/problems.js";
import { jobsOf, meanBits, singly, written } from "../support/routines.js";

afterEach(() => {
  vi.restoreAllMocks();
});

type Steps = Routine["parts"][number];
/** An executor, and what it linked last. */
function watched() {
  const executor = createWasmExecutor(),
    link = executor.link!.bind(executor);
  let last: Routine | undefined;
  executor.link = routine => link((last = routine));
  const parts = (): Steps => last!.parts.flat();
  return { executor, parts, steps: () => written(parts()) };
}

test("exact:checkpoint=8 of 20,000 steps: what has no rhythm is a sequence, whose kinds are few", async () => {
  const estimator = parseEstimator("exact:checkpoint=8"),
    { executor, parts, steps } = watched(),
    linked = await pointOf(ridge.problem, { executor, innerSteps: 20_000 }),
    single = await pointOf(ridge.problem, { executor: singly(), innerSteps: 20_000 }),
    [a, b] = [await estimateAt(linked, estimator), await estimateAt(single, estimator)];
  expect([bitsOf(a.gradient), a.counts, a.peakStates]).toEqual([bitsOf(b.gradient), b.counts, b.peakStates]);
  expect(parts().some(isSequence)).toBe(true);
  // As a list it had 54,905.
  expect(steps()).toBeLessThan(20_000);
  expect(sumOverCalls(parts(), () => 1)).toBeGreaterThan(a.counts.step);
  expect(sumOverCalls(parts(), () => 1)).toBeLessThan(a.counts.step + a.counts.product + 10);
});

test.each(["exact:checkpoint=4", "ufom:0.5:checkpoint=4"])("%s over 3 tasks, in sequences that are each task's own", async spelling => {
  vi.spyOn(Tape, "long", "get").mockReturnValue(100);
  const estimator = parseEstimator(spelling),
    { executor, parts } = watched(),
    linked = await pointOf(everywhere.problem, { executor, innerSteps: 300 }),
    single = await pointOf(everywhere.problem, { executor: singly(), innerSteps: 300 }),
    jobs = await jobsOf(everywhere.problem, estimator, linked.theta, 3);
  for (let again = 0; again < 2; again++) expect(await meanBits(linked, estimator, jobs)).toEqual(await meanBits(single, estimator, jobs));
  const sequences = parts().filter(isSequence);
  expect(sequences.length).toBeGreaterThanOrEqual(3);
  // The order is held once.
  expect(new Set(sequences.map(({ order }) => order)).size).toBe(sequences.length / 3);
});
