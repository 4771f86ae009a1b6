import { describe, expect, test, vi } from "vitest";
import { outer } from "../../src/core/problem/definitions.js";
import { TooLong } from "../../src/core/evaluation/recorder.js";
import {
  certain,
  createWasmExecutor,
  defineProblem,
  np,
  parseEstimator,
  type Estimator,
  type HostTree,
  type Problem,
} from "../../src/index.js";
import type { Job } from "../../src/core/batch/evaluate.js";
import { recording } from "../../src/core/batch/recordings.js";
import { countingExecutor } from "../support/counting-executor.js";
import { batchAt, meanOfEstimates } from "../support/batches.js";
import { estimateAt, outcomesOf, pointOf, type Point } from "../support/estimates.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere, initialization, noSteps, ridge, samples } from "../support/problems.js";

const spellings = [
  "first-order",
  "first-order:mixed",
  "exact",
  "exact:checkpoint=2",
  "exact:recompute",
  "truncated:2",
  "forward:block=3",
  "implicit:cg=4",
  "implicit:neumann=6:tolerance=0.01",
  "ufom:0.5",
  "ufom:0.5:store:baseline=truncated:1",
  "es:2",
  "soba:2",
];

/** The same point on the wasm executor, and on one that cannot link calls. */
async function both(problem: Problem, innerSteps?: number): Promise<{ linked: Point; single: Point }> {
  const single = await pointOf(problem, { executor: countingExecutor(createWasmExecutor()), innerSteps });
  return { linked: await pointOf(problem, { innerSteps }), single };
}
const accepts = (estimator: Estimator, { compiled }: Point): boolean => {
  try {
    estimator.check?.(compiled);
    return true;
  } catch {
    return false;
  }
};
const tasksOf = (problem: Problem, n: number): Promise<HostTree[]> =>
  Promise.all(Array.from({ length: n }, async (_, i) => problem.task(1, 1, i)));
/** Tasks that take the outcomes of a draw in turns. */
const jobsOf = (estimator: Estimator, theta: HostTree, tasks: readonly HostTree[]): Job[] => {
  const choices = outcomesOf(estimator, theta);
  return tasks.map((task, i) => ({ task, choice: choices[i % choices.length] }));
};
const isRecorded = async ({ compiled, theta }: Point, estimator: Estimator, n = 1): Promise<boolean> => {
  const choices = jobsOf(estimator, theta, Array<HostTree>(n).fill(theta)).map(({ choice }) => choice);
  return (await recording(compiled, estimator, choices)) !== undefined;
};

describe("a pass as one routine has the bits of single calls", () => {
  test.each([...samples, noSteps].flatMap(({ name, problem }) => spellings.map(s => [name, s, problem] as const)))(
    "%s, %s: gradients, losses, counts and work, for several θ, tasks and draws; all memory comes back",
    async (_, spelling, problem) => {
      const { linked, single } = await both(problem),
        estimator = parseEstimator(spelling);
      if (!accepts(estimator, linked)) return expect(accepts(estimator, single)).toBe(false);
      expect([await isRecorded(linked, estimator), await isRecorded(single, estimator)]).toEqual([true, false]);
      for (const seed of [1, 2, 3]) {
        const theta = problem.theta(seed),
          task = await problem.task(seed, 1, 0),
          choices = outcomesOf(estimator, theta);
        for (const choice of [...choices, choices[0]]) {
          const [a, b] = [
            await estimateAt({ ...linked, theta, task }, estimator, choice),
            await estimateAt({ ...single, theta, task }, estimator, choice),
          ];
          expect(bitsOf(a.gradient)).toBe(bitsOf(b.gradient));
          expect([a.loss, a.counts, a.peakStates, a.work, a.carry]).toEqual([b.loss, b.counts, b.peakStates, b.work, b.carry]);
        }
        // Other memory for the same arrays.
        if (seed === 1) for (const trees of [linked.compiled.theta, linked.compiled.tasks]) trees.clear();
      }
      for (const { compiled } of [linked, single]) {
        compiled.dispose();
        expect(compiled.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
      }
    },
  );
});

describe("the mean over tasks as one routine", () => {
  test.each([
    "first-order:mixed",
    "exact",
    "exact:checkpoint=2",
    "truncated:1",
    "forward",
    "implicit:cg=3:tolerance=0.1",
    "reptile",
    "ufom:0.5",
    "ufom:0.25:store:baseline=truncated:1",
  ])("%s: the bits of the mean of single estimates, whatever was drawn, recorded or not", async spelling => {
    const estimator = parseEstimator(spelling);
    for (const { problem } of [everywhere, initialization, ridge]) {
      if (!accepts(estimator, await pointOf(problem))) continue;
      for (const dtype of ["float32", "float64"] as const) {
        const linked = await pointOf(problem, { dtype }),
          single = await pointOf(problem, { dtype, executor: countingExecutor(createWasmExecutor()) });
        for (const n of [2, 3, 7, 3]) {
          const jobs = jobsOf(estimator, linked.theta, await tasksOf(problem, n)),
            estimates = [];
          for (const { task, choice } of jobs) estimates.push(await estimateAt({ ...linked, task }, estimator, choice));
          const expected = meanOfEstimates(estimates);
          expect([await isRecorded(linked, estimator, n), await isRecorded(single, estimator, n)]).toEqual([true, false]);
          for (const { compiled, theta } of [linked, single]) {
            const mean = await batchAt(compiled, estimator, theta, jobs);
            expect(bitsOf(mean.gradient)).toBe(bitsOf(expected.gradient));
            expect([mean.loss, mean.counts, mean.peakStates]).toEqual([expected.loss, expected.counts, expected.peakStates]);
            if (!estimator.observe) expect(mean.seen).toEqual([]);
          }
        }
        for (const { compiled } of [linked, single]) {
          compiled.dispose();
          expect(compiled.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
        }
      }
    }
  });

  test("what each task left to be observed is that task's", async () => {
    const { problem } = everywhere,
      estimator = parseEstimator("ufom:adaptive:q-min=0.3"),
      point = await pointOf(problem),
      jobs = jobsOf(estimator, point.theta, await tasksOf(problem, 6)),
      { seen } = await batchAt(point.compiled, estimator, point.theta, jobs);
    expect(seen).toHaveLength(6);
    for (const [i, { task, choice }] of jobs.entries()) {
      const alone = await estimateAt({ ...point, task }, estimator, choice);
      expect([seen[i].choice, seen[i].carry, seen[i].work]).toEqual([choice, alone.carry, alone.work]);
      expect("moments" in alone.carry).toBe(choice.exact);
    }
  });

  test("a batch that is too long for one routine is one of each task's, with the same bits", async () => {
    // Snapshots are taken irregularly: about three steps of a routine for each of 1,500, of which 2^18 are the most.
    const { problem } = ridge,
      estimator = parseEstimator("exact:checkpoint=4"),
      point = await pointOf(problem, { innerSteps: 1_500 }),
      n = 70;
    expect([await isRecorded(point, estimator), await isRecorded(point, estimator, 20), await isRecorded(point, estimator, n)]).toEqual([
      true,
      true,
      false,
    ]);
    const jobs = jobsOf(estimator, point.theta, await tasksOf(problem, n)),
      estimates = [];
    for (const { task, choice } of jobs) estimates.push(await estimateAt({ ...point, task }, estimator, choice));
    const mean = await batchAt(point.compiled, estimator, point.theta, jobs);
    expect(bitsOf(mean.gradient)).toBe(bitsOf(meanOfEstimates(estimates).gradient));
  });

  test("a task of other shapes is refused, and the next call is as if nothing had happened", async () => {
    const { compiled, theta } = await pointOf(everywhere.problem),
      exact = parseEstimator("exact"),
      jobs = jobsOf(exact, theta, await tasksOf(everywhere.problem, 3)),
      before = await batchAt(compiled, exact, theta, jobs);
    await expect(batchAt(compiled, exact, theta, [jobs[0], { ...jobs[1], task: { nothing: theta } }, jobs[2]])).rejects.toThrow(
      /^ufom: every task must have .*; received /,
    );
    expect(bitsOf((await batchAt(compiled, exact, theta, jobs)).gradient)).toBe(bitsOf(before.gradient));
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
  const { linked, single } = await both(problem);
  for (const spelling of ["first-order", "exact", "exact:checkpoint=2", "ufom:0.5"]) {
    const estimator = parseEstimator(spelling),
      [a, b] = [linked, single].map(point => estimateAt(point, estimator));
    expect(bitsOf((await a).gradient)).toBe(bitsOf((await b).gradient));
  }
});

describe("what a routine keeps", () => {
  test.each([
    ["exact:recompute", 30, 190],
    ["exact", 30, 9_000],
    ["first-order", 30, 40_000],
  ])("%s: as many buffers for %i steps as for %i", async (spelling, few, many) => {
    const estimator = parseEstimator(spelling),
      resident = async (innerSteps: number) => {
        const { linked, single } = await both(initialization.problem, innerSteps);
        const [a, b] = [linked, single].map(point => estimateAt(point, estimator));
        expect(bitsOf((await a).gradient)).toBe(bitsOf((await b).gradient));
        return linked.compiled.executor.usage().buffers;
      };
    expect(await resident(many)).toBe(await resident(few));
  });

  test("only the recordings used last are kept", async () => {
    const { compiled, theta, task } = await pointOf(ridge.problem, { innerSteps: 30 }),
      held: number[] = [];
    for (let k = 0; k < 29; k++) {
      await estimateAt({ compiled, theta, task }, parseEstimator(`truncated:${k}`));
      held.push(compiled.executor.usage().buffers);
    }
    // A recording has the same buffers for each depth but 0; more than eight of them are never there.
    expect(held[7]).toBeGreaterThan(held[1]);
    expect(new Set(held.slice(9)).size).toBe(1);
    compiled.dispose();
    expect(compiled.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  });
});

describe("estimators with many plans", () => {
  /** The loss at a depth that is drawn: a plan for each. */
  const anyDepth: Estimator = {
    name: "any depth",
    facts: { bias: "none", random: true, oneTask: false, states: () => 1 },
    init: () => null,
    draw: () => ({ probability: 1, plan: { depth: 1 }, arrays: {} }) as never,
    outcomes: () => [],
    observe: state => state,
    async evaluate(place, plan) {
      const { depth } = plan as { depth: number },
        x = await place.unroll(await place.init(), 1, depth),
        { loss, theta } = await place.outer(x),
        gradient: (typeof theta)[number][] = [];
      place.machine.programs.of(outer).leaves.forEach((leaf, k) => (gradient[leaf] = theta[k]));
      return { loss, gradient };
    },
  };
  const at = (depth: number) => ({ ...certain, plan: { depth } });

  test("more than 16 are recorded too, and written down anew a few times only", async () => {
    const { linked, single } = await both(ridge.problem, 60),
      task = await ridge.problem.task(1, 1, 0),
      losses = new Set<number>();
    let linkings = 0;
    const link = linked.compiled.executor.link!.bind(linked.compiled.executor);
    linked.compiled.executor.link = routine => (linkings++, link(routine));
    for (let again = 0; again < 2; again++)
      for (let depth = 1; depth <= 60; depth++) {
        const jobs = [{ task, choice: at(depth) }],
          [a, b] = [
            await batchAt(linked.compiled, anyDepth, linked.theta, jobs),
            await batchAt(single.compiled, anyDepth, single.theta, jobs),
          ];
        expect([a.loss, a.counts, bitsOf(a.gradient)]).toEqual([b.loss, b.counts, bitsOf(b.gradient)]);
        losses.add(a.loss);
      }
    expect(losses.size).toBe(60);
    expect(await recording(linked.compiled, anyDepth, [at(50)])).toBeDefined();
    expect(linkings).toBeGreaterThan(16);
    expect(linkings).toBeLessThan(24);
    for (const { compiled } of [linked, single]) {
      compiled.dispose();
      expect(compiled.executor.usage()).toEqual({ buffers: 0, bytes: 0 });
    }
  });

  test("a plan with which all would be too long leaves those that are known recorded", async () => {
    const { linked } = await both(ridge.problem, 60);
    let linkings = 0;
    const { executor } = linked.compiled,
      link = executor.link!.bind(executor);
    executor.link = routine => (linkings++, link(routine));
    expect(await recording(linked.compiled, anyDepth, [at(3)])).toBeDefined();
    const evaluate = vi.spyOn(anyDepth, "evaluate").mockRejectedValue(new TooLong());
    expect(await recording(linked.compiled, anyDepth, [at(4)])).toBeUndefined();
    evaluate.mockRestore();
    expect(await recording(linked.compiled, anyDepth, [at(3)])).toBeDefined();
    expect(await recording(linked.compiled, anyDepth, [at(5)])).toBeUndefined();
    expect(linkings).toBe(1);
    linked.compiled.dispose();
    expect(executor.usage()).toEqual({ buffers: 0, bytes: 0 });
  });
});
