import { afterEach, describe, expect, test, vi } from "vitest";
import type { Estimator, Formula, Problem } from "../../src/index.js";
import { certain, createWasmExecutor, defineProblem, np, parseEstimator } from "../../src/index.js";
import { recording } from "../../src/core/batch/recordings.js";
import { Pauses } from "../../src/core/evaluation/pauses.js";
import type { Executor, LinkedRoutine, Routine } from "../../src/executors/executor.js";
import { sumOverCalls } from "../../src/executors/executor.js";
import { WasmExecutor } from "../../src/executors/wasm/executor.js";
import { batchAt } from "../support/batches.js";
import { estimateAt, outcomesOf, pointOf } from "../support/estimates.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere, initialization, ridge } from "../support/problems.js";
import { jobsOf, meanBits, singly, written } from "../support/routines.js";

afterEach(() => {
  vi.restoreAllMocks();
});

/** An executor, what it linked last, and how long that is: steps with those of loops' bodies and of sequences' kinds once, and the calls that they come to. */
function watched(executor: Executor = createWasmExecutor()) {
  const seen: { routine?: Routine; linked?: LinkedRoutine } = {},
    link = executor.link!.bind(executor);
  executor.link = routine => (seen.linked = link((seen.routine = routine)));
  const steps = () => written(seen.routine!.parts.flat()),
    calls = () => sumOverCalls(seen.routine!.parts.flat(), () => 1);
  return { executor, seen, steps, calls };
}

const summed: Formula = { name: "summed", of: ([x]) => [x.sum()] };

describe("a routine has the bits of single calls, and its length is not that of the inner loop", () => {
  // 8,191 steps and their products were the most that a list of 2^14 calls held, and 180 of recompute.
  test.each([
    ["exact", 8_150, 8_250],
    ["first-order", 16_300, 16_400],
    ["first-order:mixed", 8_100, 8_250],
    ["truncated:40", 16_200, 16_400],
    ["truncated:4000", 8_100, 13_000],
    ["exact:recompute", 150, 200],
    ["forward:block=2", 4_000, 8_500],
    ["ufom:0.5:recompute", 120, 200],
    ["ufom:0.5:store:baseline=truncated:300", 4_000, 8_300],
    ["es:20", 300, 700],
    ["implicit:neumann=300", 8_000, 16_500],
    ["implicit:cg=150", 8_000, 16_500],
    ["soba:200", 10, 20],
  ])("%s, r = %i and %i: constant in r", async (spelling, few, many) => {
    const estimator = parseEstimator(spelling);
    for (const { problem } of [initialization, ridge]) {
      const lengths: number[] = [];
      for (const innerSteps of [few, many]) {
        const { executor, steps } = watched(),
          linked = await pointOf(problem, { executor, innerSteps }),
          single = await pointOf(problem, { executor: singly(), innerSteps });
        try {
          estimator.check?.(linked.compiled);
        } catch {
          continue;
        }
        for (const choice of outcomesOf(estimator, linked.theta)) {
          const [a, b] = [await estimateAt(linked, estimator, choice), await estimateAt(single, estimator, choice)];
          expect(bitsOf(a.gradient)).toBe(bitsOf(b.gradient));
          expect([a.loss, a.counts, a.peakStates, a.work, a.carry]).toEqual([b.loss, b.counts, b.peakStates, b.work, b.carry]);
        }
        lengths.push(steps());
        for (const { compiled } of [linked, single]) {
          compiled.dispose();
          expect(compiled.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
        }
      }
      if (lengths.length) expect(Math.max(...lengths), problem.name).toBeLessThan(200);
    }
  });

  test("exact:checkpoint=8: its stretches of steps are loops, so that there are a few steps a visit", async () => {
    const estimator = parseEstimator("exact:checkpoint=8");
    for (const innerSteps of [3_000, 5_000]) {
      const { executor, steps, calls } = watched(),
        linked = await pointOf(ridge.problem, { executor, innerSteps }),
        single = await pointOf(ridge.problem, { executor: singly(), innerSteps });
      const [a, b] = [await estimateAt(linked, estimator), await estimateAt(single, estimator)];
      expect(bitsOf(a.gradient)).toBe(bitsOf(b.gradient));
      expect([a.counts, a.peakStates]).toEqual([b.counts, b.peakStates]);
      expect(calls()).toBeGreaterThan(5 * innerSteps);
      expect(steps()).toBeLessThan(4 * innerSteps);
    }
  });

  test.each(["exact", "first-order:mixed", "truncated:500", "exact:recompute", "ufom:0.5", "ufom:adaptive:q-min=0.3", "ufom:0.5:store"])(
    "%s over 2 and 25 tasks",
    async spelling => {
      const estimator = parseEstimator(spelling),
        innerSteps = /recompute|ufom:(0.5$|ad)/.test(spelling) ? 60 : 700;
      for (const { problem } of [everywhere])
        for (const n of [2, 25]) {
          const { executor, seen } = watched(),
            linked = await pointOf(problem, { executor, innerSteps }),
            single = await pointOf(problem, { executor: singly(), innerSteps }),
            jobs = await jobsOf(problem, estimator, linked.theta, n);
          expect(await meanBits(linked, estimator, jobs)).toEqual(await meanBits(single, estimator, jobs));
          expect(seen.routine!.parts.length).toBeGreaterThan(n);
          expect(await meanBits(linked, estimator, jobs)).toEqual(await meanBits(single, estimator, jobs));
        }
    },
  );

  test("what an estimator carries out of the midst of a loop is each task's own", async () => {
    const later: Formula = { name: "later", of: ([x], [y], [j]) => [x.mul(0.9).add(y.sum()).add(j.astype(x.dtype))] },
      estimator: Estimator = {
        name: "carrying",
        facts: { bias: "none", random: false, oneTask: false, states: () => 300 },
        init: () => null,
        draw: () => certain,
        outcomes: () => [certain],
        observe: state => state,
        async evaluate({ machine, theta, task }) {
          const states = [[theta[0]]];
          for (let j = 0; j < 300; j++) states.push(await machine.run(later, states[j], [task[0]], [machine.index(j)]));
          const [loss] = await machine.run(summed, states[300]);
          return { loss, gradient: [states[200][0]], carry: { middle: states[150], last: states[300] } };
        },
      },
      results = [];
    for (const executor of [watched().executor, singly()]) {
      const { compiled, theta } = await pointOf(wide(5), { executor }),
        jobs = await jobsOf(wide(5), estimator, theta, 3),
        { seen, gradient } = await batchAt(compiled, estimator, theta, jobs);
      results.push([bitsOf(gradient), ...seen.map(({ carry }) => bitsOf(carry as never))]);
    }
    expect(results[0]).toEqual(results[1]);
    expect(new Set(results[0]).size).toBe(4);
  });

  test("what a recording writes down of a pass without a way back takes no longer for more steps", async () => {
    const steps: number[] = [];
    const step = vi.spyOn((await import("../../src/core/evaluation/place.js")).Place.prototype, "step");
    for (const innerSteps of [1_000, 1_000_000]) {
      const { compiled, theta } = await pointOf(initialization.problem, { innerSteps }),
        estimator = parseEstimator("truncated:2");
      step.mockClear();
      expect(await recording(compiled, estimator, outcomesOf(estimator, theta))).toBeDefined();
      steps.push(step.mock.calls.length);
    }
    expect(steps[0]).toBeLessThan(20);
    expect(steps[1]).toBe(steps[0]);
  });
});

/** Steps so large that WebAssembly does not go round by itself, and such that it goes round some at once. */
const wide = (size: number): Problem =>
  defineProblem({
    theta: random => random.normal([size]),
    task: random => random.normal([size]),
    init: theta => theta.mul(0.5),
    inner: {
      loss: (theta, phi, y) =>
        np
          .square(phi.sub(y))
          .sum()
          .add(np.square(phi).mul(np.square(theta)).sum()),
      rate: 0.01,
      steps: 1,
    },
    outer: (theta, phi, y) => np.square(phi.sub(y)).sum().add(theta.sum()),
  });

describe.each([
  ["few at once", 40, 700],
  ["one by one", 60_000, 100],
])("interrupted in loops whose rounds are made %s", (_, size, innerSteps) => {
  const problem = wide(size);

  test.each(["exact", "first-order:mixed", "exact:recompute", "truncated:90"])(
    "%s: at every stretch, others run between",
    async spelling => {
      const estimator = parseEstimator(spelling),
        r = spelling === "exact:recompute" ? Math.min(innerSteps, 40) : innerSteps,
        { executor } = watched(),
        point = await pointOf(problem, { executor, innerSteps: r }),
        other = await pointOf(problem, { executor, innerSteps: r, seed: 2 }),
        expected = bitsOf((await estimateAt(point, estimator)).gradient),
        expectedOther = bitsOf((await estimateAt(other, estimator)).gradient);
      const due = vi.spyOn(Pauses.prototype, "due").mockReturnValue(true);
      const both = await Promise.all([estimateAt(point, estimator), estimateAt(other, estimator)]);
      expect(both.map(({ gradient }) => bitsOf(gradient))).toEqual([expected, expectedOther]);
      expect(due.mock.calls.length).toBeGreaterThan(10);
    },
  );

  test.each(["exact", "exact:recompute"])("%s: a throw at any pause leaves nothing behind, and the next run is right", async spelling => {
    const estimator = parseEstimator(spelling),
      r = spelling === "exact:recompute" ? Math.min(innerSteps, 40) : innerSteps,
      { executor } = watched(),
      point = await pointOf(problem, { executor, innerSteps: r }),
      expected = bitsOf((await estimateAt(point, estimator)).gradient),
      before = executor.usage();
    vi.spyOn(Pauses.prototype, "due").mockReturnValue(true);
    const { pause } = Pauses.prototype;
    let pauses = 0,
      failing = Infinity;
    vi.spyOn(Pauses.prototype, "pause").mockImplementation(async function (this: Pauses) {
      if (++pauses === failing) throw new Error("no more");
      return pause.call(this);
    });
    await estimateAt(point, estimator);
    const all = pauses;
    expect(all).toBeGreaterThan(5);
    for (failing = 1; failing <= all; failing += Math.ceil(all / 25)) {
      pauses = 0;
      await expect(estimateAt(point, estimator)).rejects.toThrow("no more");
      expect(executor.usage()).toEqual(before);
      expect(bitsOf((await estimateAt(point, estimator)).gradient), `after pause ${failing}`).toBe(expected);
    }
  });

  test("disposed in the middle of a loop: it says so, and all memory comes back", async () => {
    for (const whole of [false, true]) {
      const { executor, seen } = watched(),
        point = await pointOf(problem, { executor, innerSteps }),
        estimator = parseEstimator("exact");
      await estimateAt(point, estimator);
      vi.spyOn(Pauses.prototype, "due").mockReturnValue(true);
      let pauses = 0;
      vi.spyOn(Pauses.prototype, "pause").mockImplementation(async () => {
        if (++pauses !== 4) return;
        if (whole) executor.dispose();
        else seen.linked!.dispose();
      });
      await expect(estimateAt(point, estimator)).rejects.toThrow(/a disposal while it paused|was disposed/);
      expect(pauses).toBe(4);
      vi.restoreAllMocks();
      if (!whole) point.compiled.dispose();
      expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
    }
  });
});

describe("large places", () => {
  const estimator = parseEstimator("exact"),
    size = 50_000,
    // 32 MB of states in float64.
    innerSteps = 80,
    states = size * 8 * innerSteps;

  test("are held during a run only; what a run gave holds until the next", async () => {
    const { executor } = watched(),
      point = await pointOf(wide(size), { executor, innerSteps }),
      single = await pointOf(wide(size), { executor: singly(), innerSteps });
    expect(bitsOf((await estimateAt(point, estimator)).gradient)).toBe(bitsOf((await estimateAt(single, estimator)).gradient));
    expect(executor.usage().bytes).toBeLessThan(states / 10);
    // At another place in memory than before.
    const between = executor.upload({ shape: [size], dtype: "float64", data: new Float64Array(size) });
    expect(bitsOf((await estimateAt(point, estimator)).gradient)).toBe(bitsOf((await estimateAt(single, estimator)).gradient));
    executor.free(between);
    point.compiled.dispose();
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  });

  test("of several routines share memory that holds those of one", async () => {
    const executor = new WasmExecutor(Math.ceil((1.6 * states) / 2 ** 16) * 2 ** 16),
      points = [];
    for (const seed of [1, 2, 3]) points.push(await pointOf(wide(size), { executor, innerSteps, seed }));
    const single = await pointOf(wide(size), { executor: singly(), innerSteps, seed: 2 });
    for (let round = 0; round < 2; round++) for (const point of points) await estimateAt(point, estimator);
    expect(bitsOf((await estimateAt(points[1], estimator)).gradient)).toBe(bitsOf((await estimateAt(single, estimator)).gradient));
  });

  test("that no memory holds are not recorded", async () => {
    const executor = new WasmExecutor(Math.ceil((0.5 * states) / 2 ** 16) * 2 ** 16),
      { compiled, theta } = await pointOf(wide(size), { executor, innerSteps });
    expect(await recording(compiled, estimator, outcomesOf(estimator, theta))).toBeUndefined();
    const fewer = parseEstimator("exact:checkpoint=5");
    expect(await recording(compiled, fewer, outcomesOf(fewer, theta))).toBeDefined();
  });
});
