import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  hypergradient,
  parseEstimator,
  sgd,
  solve,
  type Problem,
} from "../../src/index.js";
import { Alone } from "../support/alone.js";
import { countingExecutor } from "../support/counting-executor.js";
import { bitsOf } from "../support/gradients.js";
import { adamInside, everywhere, initialization, samples } from "../support/problems.js";

const estimators = ["first-order:mixed", "exact", "exact:recompute", "exact:checkpoint=2", "truncated:2", "ufom:1", "ufom:0.5:store"];

describe("a run of 2,000 outer steps", () => {
  test("holds the same buffers and bytes at every step, and gives all of them back", async () => {
    const alone = await Alone.make("long-run");
    try {
      const { resident, different, left } = await alone.run<{ resident: number[]; different: number; left: object }>();
      expect(different).toBe(1);
      expect(left).toEqual({ buffers: 0, bytes: 0 });
      const half = resident.length / 2,
        mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
      expect(mean(resident.slice(half)) / mean(resident.slice(0, half)), `${resident.map(Math.round).join(" ")} MB`).toBeLessThan(1.1);
    } finally {
      await alone.remove();
    }
  });
});

describe("hypergradient", () => {
  test.each(samples)("$name: repeated calls leave the same few buffers", async ({ problem }) => {
    const executor = createWasmExecutor(),
      call = (estimator: string) => hypergradient(problem, { executor, estimator });
    for (const estimator of estimators) await call(estimator);
    const resident = executor.usage();
    for (let i = 0; i < 10; i++) for (const estimator of estimators) await call(estimator);
    expect(executor.usage()).toEqual(resident);
  });
});

describe("whatever throws, no buffer stays", () => {
  /** Fails at the n-th run or read, for all n, until nothing fails any more. */
  async function failEverywhere(problem: Problem, estimator: string, later: boolean): Promise<number> {
    const executor = countingExecutor(createWasmExecutor(), { later }),
      call = () => hypergradient(problem, { executor, estimator, seed: 2 });
    const whole = bitsOf((await call()).gradient),
      resident = executor.usage().buffers;
    for (let failing = 1; ; failing++) {
      let calls = 0;
      executor.before = name => {
        if (++calls === failing) throw new Error(`${name} is out of memory`);
      };
      const outcome = await call().then(
        ({ gradient }) => bitsOf(gradient),
        (error: Error) => error.message,
      );
      executor.before = () => {};
      expect(executor.usage().buffers, `${estimator}, call ${failing}`).toBe(resident);
      if (calls < failing) {
        expect(outcome).toBe(whole);
        return failing;
      }
      expect(outcome).toMatch(/^(init|step|outer|pullback|mixed|initPullback|add|moments|combine|read) is out of memory$/);
      // The next call is as if nothing had happened.
      expect(bitsOf((await call()).gradient)).toBe(whole);
    }
  }

  test.each(estimators)("%s, at every run and every read", async estimator => {
    for (const { problem } of [everywhere, adamInside])
      for (const later of [false, true]) expect(await failEverywhere(problem, estimator, later)).toBeGreaterThan(8);
  });

  test("a task that throws ends the run with its own error, which result() repeats", async () => {
    let asked = 0;
    const problem = defineProblem({
      theta: random => random.normal([3]),
      task: random => {
        if (++asked === 8) throw new RangeError("no more data");
        return random.normal([3]);
      },
      init: theta => theta,
      inner: { loss: (_, phi, task) => phi.sub(task).mul(phi).sum(), rate: 0.1, steps: 3 },
      outer: (_, phi, task) => phi.sub(task).mul(phi).sum(),
    });
    for (const executor of [createWasmExecutor(), createReferenceExecutor()]) {
      asked = 0;
      const run = solve(problem, { estimator: "exact", outer: sgd(0.01), outerSteps: 100, executor }),
        indices: number[] = [];
      const iterate = async () => {
        for await (const { index } of run) indices.push(index);
      };
      await expect(iterate()).rejects.toThrow(/^ufom: task threw RangeError: no more data \(task, buffers-are-freed\.test\.ts:\d+\)\.$/);
      // Asked once for the shapes, then once a step.
      expect(indices).toEqual([1, 2, 3, 4, 5, 6]);
      expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
      await expect(run.result()).rejects.toThrow(/no more data/);
    }
  });

  test("a loop left by break or throw, and an aborted run", async () => {
    const executor = createWasmExecutor(),
      controller = new AbortController(),
      start = () =>
        solve(initialization.problem, { estimator: "ufom:0.5", outer: sgd(0.01), outerSteps: 50, executor, signal: controller.signal });
    for await (const { index } of start()) if (index === 3) break;
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
    await expect(
      (async () => {
        for await (const { index } of start()) if (index === 3) throw new Error("enough");
      })(),
    ).rejects.toThrow("enough");
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
    controller.abort();
    expect((await start().result()).outcome).toBe("stopped");
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  });

  test("an estimator that refuses the problem, and a checkpoint of another", async () => {
    const executor = createWasmExecutor(),
      { problem } = samples.find(s => s.name === "sample weights")!;
    await expect(
      solve(problem, { estimator: parseEstimator("first-order"), outer: sgd(1), outerSteps: 1, executor }).result(),
    ).rejects.toThrow(/^ufom: first-order needs/);
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  });
});
