import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  hypergradient,
  np,
  parseEstimator,
  random,
  sampled,
  sgd,
  soba,
  solve,
  zeros,
} from "../../src/index.js";
import { leaves } from "../../src/core/trees/host-tree.js";
import { bitsOf, numbersOf } from "../support/gradients.js";
import { everywhere, samples } from "../support/problems.js";

const estimators = ["exact", "first-order:mixed", "truncated:2", "ufom:0.5", "ufom:1e-9", "es:2"];

describe.each([
  ["wasm", createWasmExecutor],
  ["reference", createReferenceExecutor],
] as const)("the hypergradient of a meta-batch on %s", (_, create) => {
  test.each(samples)("$name: is the mean of those of its tasks, and what the first outer step takes", async ({ problem }) => {
    for (const estimator of estimators) {
      const executor = create();
      const mean = await hypergradient(problem, { estimator, executor, metaBatch: 3, seed: 4, dtype: "float64" });
      const run = solve(problem, { estimator, executor, metaBatch: 3, seed: 4, dtype: "float64", outer: sgd(1), outerSteps: 1 });
      const before = numbersOf(problem.theta(4));
      let loss = NaN;
      for await (const step of run) loss = step.loss;
      const moved = numbersOf(run.theta).map((x, i) => before[i] - x);
      const gradient = numbersOf(mean.gradient),
        scale = Math.max(...before.map(Math.abs), ...gradient.map(Math.abs), 1);
      expect(mean.loss, estimator).toBe(loss);
      gradient.forEach((x, i) => expect(Math.abs(x - moved[i]), estimator).toBeLessThan(1e-14 * scale));
      expect(mean.estimates).toHaveLength(3);
      executor.dispose();
    }
  });

  test("of given tasks: the mean of one by one, of any number of them", async () => {
    const { problem } = everywhere,
      executor = create();
    const tasks = await Promise.all([0, 1, 2, 3].map(i => problem.task(7, 1, i)));
    const single = await Promise.all(tasks.map(task => hypergradient(problem, { task, executor, dtype: "float64" })));
    for (const n of [1, 4]) {
      const mean = await hypergradient(problem, { tasks: tasks.slice(0, n), executor, dtype: "float64" }),
        wanted = leaves(single[0].gradient).map((_, leaf) =>
          Array.from(leaves(single[0].gradient)[leaf].data, (_, i) =>
            single.slice(0, n).reduce((sum, { gradient }) => sum + leaves(gradient)[leaf].data[i] / n, 0),
          ),
        );
      leaves(mean.gradient).forEach(({ data }, leaf) =>
        data.forEach((x, i) => expect(x).toBeCloseTo(wanted[leaf][i], 12 - Math.ceil(Math.log10(1 + Math.abs(x))))),
      );
      expect(mean.loss).toBeCloseTo(
        single.slice(0, n).reduce((sum, { loss }) => sum + loss / n, 0),
        12,
      );
      expect(mean.counts.step).toBe(n * single[0].counts.step);
    }
    if (executor.name === "wasm") {
      const [alone] = single,
        one = await hypergradient(problem, { tasks: [tasks[0]], executor, dtype: "float64" });
      expect(bitsOf(one.gradient)).toEqual(bitsOf(alone.gradient));
    }
    executor.dispose();
  });
});

test("tasks that a program draws are those of the first outer step", async () => {
  const drawn = sampled(key => ({ at: random.normal(key, 3) })),
    problem = defineProblem({
      theta: () => zeros(3),
      task: drawn,
      init: theta => theta,
      inner: { loss: (_, phi, { at }) => np.square(phi.sub(at)).sum(), rate: 0.1, steps: 2 },
      outer: (_, phi, { at }) => np.square(phi.sub(at)).sum(),
    });
  const { gradient, loss, estimates } = await hypergradient(problem, { metaBatch: 5, seed: 3 });
  const run = solve(problem, { estimator: "exact", outer: sgd(1), metaBatch: 5, seed: 3, outerSteps: 1 }),
    losses: number[] = [];
  for await (const step of run) losses.push(step.loss);
  expect(losses).toEqual([loss]);
  expect(estimates).toHaveLength(5);
  numbersOf(run.theta).forEach((x, i) => expect(x).toBeCloseTo(-numbersOf(gradient)[i], 6));
});

describe("what cannot be meant", () => {
  const { problem } = everywhere;
  test.each<[object, RegExp]>([
    [{ tasks: [] }, /hypergradient's tasks must be a list of at least one task/],
    [{ tasks: {} }, /hypergradient's tasks must be a list/],
    [{ metaBatch: 0 }, /metaBatch must be a whole number of at least 1; received 0/],
    [{ metaBatch: 1.5 }, /metaBatch must be a whole number/],
    [{ metaBatch: 2, tasks: [{}] }, /takes tasks or metaBatch; received both/],
    [{ metaBatch: 2, task: {} }, /takes one task, or tasks, or the size of a meta-batch/],
    [{ metaBatch: 2, estimator: soba() }, /soba .* needs one task; received a meta-batch of 2/],
  ])("%o", async (options, sentence) => {
    await expect(hypergradient(problem, options as { metaBatch: number })).rejects.toThrow(sentence);
  });
});

describe("solve", () => {
  const { problem } = everywhere,
    options = { estimator: "exact", outerSteps: 3 } as const;

  test("takes an outer transform by its spelling", async () => {
    const spelled = await solve(problem, { ...options, outer: "clip-norm:1+sgd:0.01" }).result(),
      { parseOuter } = await import("../../src/index.js"),
      made = await solve(problem, { ...options, outer: parseOuter("clip-norm:1+sgd:0.01") }).result();
    expect(bitsOf(spelled.theta)).toEqual(bitsOf(made.theta));
    expect(() => solve(problem, { ...options, outer: "adm:0.1" })).toThrow(/an outer transform is spelled like one of/);
  });

  test("awaited is its result", async () => {
    const run = solve(problem, { ...options, outer: sgd(0.01) }),
      awaited = await run;
    expect(awaited).toBe(await run.result());
    expect(awaited.outcome).toBe("finished");
    await expect(
      Promise.resolve(solve(problem, { ...options, estimator: parseEstimator("soba"), metaBatch: 2, outer: "sgd:1" })),
    ).rejects.toThrow(/soba/);
  });
});
