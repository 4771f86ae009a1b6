// Estimators with more plans than are written down as they are drawn.
import { expect, test, vi } from "vitest";
import { TooLong } from "../../src/core/evaluation/recorder.js";
import { solveWith } from "../../src/core/solve/solve.js";
import { createWasmExecutor, sgd, solve } from "../../src/index.js";
import { threads, ThreadsTeam } from "../../src/team/threads.js";
import { anyDepth, atDepth } from "../support/any-depth.js";
import { pointOf } from "../support/estimates.js";
import { bitsOf } from "../support/gradients.js";
import { ridge } from "../support/problems.js";

test("more than 16 plans are handed over too, and written down anew a few times only", async () => {
  const { compiled } = await pointOf(ridge.problem, { innerSteps: 60 }),
    team = new ThreadsTeam({ workers: 2 }, compiled, anyDepth(60)),
    batches = new Set<unknown>();
  let later = 0;
  for (let again = 0; again < 2; again++)
    for (let depth = 1; depth <= 60; depth++) {
      const batch = await team.shared([atDepth(depth), atDepth(depth)]);
      if (batch) batches.add(batch);
      else later++;
    }
  expect(later).toBeGreaterThan(0);
  expect(later).toBeLessThan(60);
  expect(batches.size).toBeGreaterThan(16);
  expect(batches.size).toBeLessThan(24);
  expect(await team.shared([atDepth(1), atDepth(50)])).toBeDefined();
  expect(team.notes).toEqual(["workers: meta-batches that drew a plan which was not written down yet were computed in one thread."]);
  team.dispose();
  compiled.dispose();
  expect(compiled.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
});

test("a plan with which a task would be too long leaves the others to the threads", async () => {
  const { compiled } = await pointOf(ridge.problem, { innerSteps: 60 }),
    estimator = anyDepth(60),
    team = new ThreadsTeam({ workers: 2 }, compiled, estimator),
    of = (depth: number) => team.shared([atDepth(depth), atDepth(depth)]),
    first = await of(3);
  expect(first).toBeDefined();
  const evaluate = vi.spyOn(estimator, "evaluate").mockRejectedValue(new TooLong());
  expect(await of(4)).toBeUndefined();
  evaluate.mockRestore();
  expect(await of(3)).toBe(first);
  expect(await of(5)).toBeUndefined();
  evaluate.mockRestore();
  team.dispose();
  compiled.dispose();
  expect(compiled.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
});

test("the bits are those of one thread, whoever computed what", async () => {
  const executor = createWasmExecutor(),
    options = { estimator: anyDepth(30), outer: sgd(0.01), outerSteps: 25, metaBatch: 2, innerSteps: 30, seed: 2 },
    found = await solveWith(ridge.problem, options, { executor, team: threads({ workers: 2 }) }).result(),
    one = await solve(ridge.problem, { ...options, workers: 1 });
  expect([bitsOf(found.theta), found.loss, found.counts]).toEqual([bitsOf(one.theta), one.loss, one.counts]);
  expect(found.workers).toBe(2);
  expect(found.notes).toHaveLength(1);
  expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
});
