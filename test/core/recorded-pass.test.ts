import { describe, expect, test } from "vitest";
import { createWasmExecutor, defineProblem, np, parseEstimator, type Estimator, type HostTree, type Problem } from "../../src/index.js";
import { meanOf } from "../../src/core/solve/mean.js";
import { countingExecutor } from "../support/counting-executor.js";
import { pointOf, type Point } from "../support/estimates.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere, initialization, noSteps, ridge, samples } from "../support/problems.js";

const spellings = [
  "first-order",
  "first-order:mixed",
  "exact",
  "exact:checkpoint=2",
  "exact:recompute",
  "truncated:2",
  "ufom:0.5",
  "ufom:0.5:store:baseline=truncated:1",
];

/** The same point on the wasm executor, and on one that cannot link calls. */
async function both(problem: Problem, innerSteps?: number): Promise<{ linked: Point; single: Point }> {
  const single = await pointOf(problem, { executor: countingExecutor(createWasmExecutor()), innerSteps });
  return { linked: await pointOf(problem, { innerSteps }), single };
}

const accepts = (estimator: Estimator, { kernels }: Point): boolean => {
  try {
    estimator.check(kernels);
    return true;
  } catch {
    return false;
  }
};
const tasksOf = (problem: Problem, n: number): Promise<HostTree[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => problem.task(3, 1, i)));

describe.each(spellings)("a pass of %s as one routine", spelling => {
  const estimator = parseEstimator(spelling);

  test.each([...samples, noSteps])(
    "$name: the bits, counts and states of single calls, for one θ and task after another",
    async ({ problem }) => {
      const { linked, single } = await both(problem);
      if (!accepts(estimator, linked)) {
        // Where θ enters inner steps only, first-order is zero and refused.
        expect([spelling, linked.kernels.firstOrderVanishes]).toEqual(["first-order", true]);
        return;
      }
      for (const [seed, task] of (await tasksOf(problem, 3)).entries()) {
        const theta = problem.theta(seed);
        for (const exact of [true, false, true]) {
          const choice = { exact, probability: 0.5 },
            [a, b] = [
              await estimator.estimate(linked.kernels, theta, task, choice),
              await estimator.estimate(single.kernels, theta, task, choice),
            ];
          expect(bitsOf(a.gradient)).toBe(bitsOf(b.gradient));
          expect([a.loss, a.counts, a.peakStates, a.work, a.moments]).toEqual([b.loss, b.counts, b.peakStates, b.work, b.moments]);
        }
        // Other memory for the same arrays.
        if (seed === 1) linked.kernels.clear();
      }
      for (const { kernels } of [linked, single]) {
        kernels.dispose();
        expect(kernels.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
      }
    },
  );
});

describe("the mean over tasks as one routine", () => {
  test.each(["first-order:mixed", "exact", "exact:checkpoint=2", "truncated:1"])(
    "%s: the bits of the mean of single estimates",
    async spelling => {
      const estimator = parseEstimator(spelling);
      for (const { problem } of [everywhere, initialization, ridge]) {
        for (const dtype of ["float32", "float64"] as const) {
          const { kernels, theta } = await pointOf(problem, { dtype });
          for (const n of [2, 3, 7, 3]) {
            const tasks = await tasksOf(problem, n),
              estimates = [];
            for (const task of tasks) estimates.push(await estimator.estimate(kernels, theta, task, { exact: true, probability: 1 }));
            const expected = meanOf(estimates),
              mean = await estimator.mean?.(kernels, theta, tasks);
            expect(bitsOf(mean!.gradient)).toBe(bitsOf(expected.gradient));
            expect([mean!.loss, mean!.counts, mean!.peakStates]).toEqual([expected.loss, expected.counts, expected.peakStates]);
          }
          kernels.dispose();
          expect(kernels.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
        }
      }
    },
  );

  test("is made of single passes where one task is given, or the executor cannot link calls", async () => {
    const { linked, single } = await both(everywhere.problem),
      tasks = await tasksOf(everywhere.problem, 2),
      exact = parseEstimator("exact");
    expect(await exact.mean?.(linked.kernels, linked.theta, tasks.slice(0, 1))).toBeUndefined();
    expect(await exact.mean?.(single.kernels, single.theta, tasks)).toBeUndefined();
  });

  test("a task of other shapes is refused, and the next call is as if nothing had happened", async () => {
    const { kernels, theta } = await pointOf(everywhere.problem),
      tasks = await tasksOf(everywhere.problem, 3),
      exact = parseEstimator("exact"),
      before = await exact.mean?.(kernels, theta, tasks);
    await expect(exact.mean?.(kernels, theta, [tasks[0], { nothing: theta }, tasks[2]])).rejects.toThrow(
      /^ufom: every task must have .*; received /,
    );
    expect(bitsOf((await exact.mean?.(kernels, theta, tasks))!.gradient)).toBe(bitsOf(before!.gradient));
  });
});

test("empty arrays in θ and φ leave their neighbours alone", async () => {
  const problem = defineProblem({
    theta: random => ({ none: random.normal([0]), some: random.normal([3]), nothing: random.normal([2, 0]), more: random.normal([2]) }),
    task: random => random.normal([3]),
    init: theta => theta,
    inner: {
      loss: (_, phi, task) => np.square(phi.some.sub(task)).sum().add(np.square(phi.more).sum()).add(phi.none.sum()).add(phi.nothing.sum()),
      rate: 0.1,
      steps: 4,
    },
    outer: (theta, phi) => np.square(phi.some).sum().add(phi.more.mul(theta.more).sum()).add(phi.none.mul(theta.none).sum()),
  }) as unknown as Problem;
  const { linked, single } = await both(problem),
    choice = { exact: true, probability: 1 };
  for (const spelling of ["first-order", "exact", "exact:checkpoint=2"]) {
    const estimator = parseEstimator(spelling),
      [a, b] = [linked, single].map(({ kernels, theta, task }) => estimator.estimate(kernels, theta, task, choice));
    expect(bitsOf((await a).gradient)).toBe(bitsOf((await b).gradient));
  }
});

test("estimates that are asked for at once do not see each other's tasks", async () => {
  const { kernels, theta } = await pointOf(everywhere.problem),
    tasks = await tasksOf(everywhere.problem, 4),
    exact = parseEstimator("exact"),
    choice = { exact: true, probability: 1 };
  const together = await Promise.all(tasks.map(task => exact.estimate(kernels, theta, task, choice)));
  for (const [i, task] of tasks.entries())
    expect(bitsOf(together[i].gradient)).toBe(bitsOf((await exact.estimate(kernels, theta, task, choice)).gradient));
});

describe("what a routine keeps", () => {
  test("a pass of more calls than a tape holds is run call by call: no more buffers stay than for a short one", async () => {
    const estimator = parseEstimator("exact:recompute"),
      resident = async (innerSteps: number) => {
        const { linked, single } = await both(ridge.problem, innerSteps),
          choice = { exact: true, probability: 1 };
        const [a, b] = [linked, single].map(({ kernels, theta, task }) => estimator.estimate(kernels, theta, task, choice));
        expect(bitsOf((await a).gradient)).toBe(bitsOf((await b).gradient));
        return linked.kernels.executor.usage().buffers - innerSteps;
      };
    // 190 steps take 190 + 17,955 + 190 calls, 170 steps 14,705.
    expect(await resident(190)).toBeLessThan(await resident(170));
  });

  test("only the passes used last are kept", async () => {
    const { kernels, theta, task } = await pointOf(ridge.problem, { innerSteps: 30 }),
      held: number[] = [];
    // Each pass once, and none that holds more states than those before it.
    for (let depth = 29; depth >= 0; depth--) {
      await parseEstimator(`truncated:${depth}`).estimate(kernels, theta, task, { exact: true, probability: 1 });
      held.push(kernels.executor.usage().buffers);
    }
    expect(held[7]).toBeGreaterThan(held[0]);
    expect(Math.max(...held.slice(8))).toBeLessThanOrEqual(held[7]);
    // What was given back is recorded anew, and what is kept is not.
    const before = held[29];
    for (let depth = 0; depth < 8; depth++)
      await parseEstimator(`truncated:${depth}`).estimate(kernels, theta, task, { exact: true, probability: 1 });
    expect(kernels.executor.usage().buffers).toBe(before);
  });
});
