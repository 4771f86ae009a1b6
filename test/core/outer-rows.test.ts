import { describe, expect, test } from "vitest";
import {
  adam,
  createWasmExecutor,
  defineProblem,
  hypergradient,
  np,
  random,
  sampled,
  sgd,
  solve,
  stream,
  type HostTree,
  type Problem,
  type SolveOptions,
} from "../../src/index.js";
import { countingExecutor } from "../support/counting-executor.js";
import { bitsOf } from "../support/gradients.js";

// A result that nobody watches is made of rows of outer steps, one routine each; what is watched, of single ones. Both have the same bits.
const spec = {
  theta: () => ({ w: np0([3], 0.5), b: np0([], 0.1) }),
  init: (theta: { w: never; b: never }) => theta,
};
function np0(shape: readonly number[], value: number) {
  const n = shape.reduce((a, b) => a * b, 1);
  return { shape, dtype: "float32" as const, data: new Float32Array(n).fill(value) };
}
const problemOf = (task: unknown): Problem =>
  defineProblem({
    ...spec,
    task,
    inner: {
      loss: (_: unknown, phi: { w: ReturnType<typeof np.zeros>; b: ReturnType<typeof np.zeros> }, { x, y }: { x: never; y: never }) =>
        np.square(np.dot(x, phi.w).add(phi.b).sub(y)).mean(),
      rate: 0.1,
      steps: 3,
    },
    outer: (_: unknown, phi: { w: ReturnType<typeof np.zeros>; b: ReturnType<typeof np.zeros> }, { xq, yq }: { xq: never; yq: never }) =>
      np.square(np.dot(xq, phi.w).add(phi.b).sub(yq)).mean(),
  } as never);

const hostTask = (seed: number) => {
  const draw = stream(seed, "data");
  return { x: draw.normal([5, 3]), y: draw.normal([5]), xq: draw.normal([4, 3]), yq: draw.normal([4]) };
};
const one = hostTask(1),
  several = [1, 2, 3].map(hostTask);
const drawn = sampled(key => {
  const [a, b, c, d] = [0, 1, 2, 3].map(i => random.foldIn(key, i));
  return { x: random.normal(a, [5, 3]), y: random.normal(b, [5]), xq: random.normal(c, [4, 3]), yq: random.normal(d, [4]) };
});

const problems = {
  "the same task": () => problemOf(() => one),
  "tasks that a program draws": () => problemOf(drawn),
  "three tasks in turns": () => {
    let i = 0;
    return problemOf(() => several[i++ % 3]);
  },
  "one task, and another from step 30 on": () => {
    let i = 0;
    return problemOf(() => (i++ < 30 ? one : several[2]));
  },
};

const watched = async (
  problem: Problem,
  options: SolveOptions,
): Promise<{ theta: HostTree; losses: number[]; counts: unknown; outcome: string }> => {
  const run = solve(problem, options),
    losses: number[] = [];
  for await (const { loss } of run) losses.push(loss);
  const { theta, counts, outcome } = await run.result();
  return { theta, losses, counts, outcome };
};

describe.each(Object.entries(problems))("%s", (_, make) => {
  test.each(["first-order", "exact", "ufom:0.3", "ufom:adaptive"])("%s: rows have the bits of single steps", async estimator => {
    const options = { estimator, outer: adam(0.01), outerSteps: 120, metaBatch: 2, seed: 3 };
    const steps = await watched(make(), options),
      result = await solve(make(), options).result();
    expect(bitsOf(result.theta)).toBe(bitsOf(steps.theta));
    expect([result.loss, result.counts, result.outerSteps]).toEqual([steps.losses[119], steps.counts, 120]);
  });

  test("in float64, and as on an executor without routines", async () => {
    const options = { estimator: "exact", outer: adam(0.01), outerSteps: 60, dtype: "float64" } as const;
    const [rows, single] = [
      await solve(make(), options).result(),
      await solve(make(), { ...options, executor: countingExecutor(createWasmExecutor()) }).result(),
    ];
    expect(bitsOf(rows.theta)).toBe(bitsOf(single.theta));
    expect(rows.counts).toEqual(single.counts);
  });
});

describe("tasks that a program draws", () => {
  test("differ from step to step and from place to place, and repeat with the seed", async () => {
    const problem = problemOf(drawn),
      at = async (seed: number, k: number, i: number) => bitsOf(await problem.task(seed, k, i));
    const all = await Promise.all([at(1, 1, 0), at(1, 2, 0), at(1, 1, 1), at(2, 1, 0)]);
    expect(new Set(all).size).toBe(4);
    expect(await at(1, 2, 0)).toBe(all[1]);
  });

  test("are the same in hypergradient and in the first step of solve", async () => {
    const problem = problemOf(drawn),
      { loss } = await hypergradient(problem, { seed: 7, estimator: "exact" }),
      { losses } = await watched(problem, { estimator: "exact", outer: sgd(0), outerSteps: 1, seed: 7 });
    expect(losses).toEqual([loss]);
  });

  test("go on from a checkpoint with the numbers of a run that never stopped", async () => {
    const options = { estimator: "ufom:0.5", outer: adam(0.01), seed: 5 },
      whole = await solve(problemOf(drawn), { ...options, outerSteps: 90 }).result(),
      run = solve(problemOf(drawn), { ...options, outerSteps: 90 });
    for await (const { index } of run) if (index === 37) break;
    const resumed = await solve(problemOf(drawn), { ...options, outerSteps: 90, resume: run.checkpoint() }).result();
    expect(bitsOf(resumed.theta)).toBe(bitsOf(whole.theta));
  });
});

describe("a row in which something goes wrong", () => {
  // θ grows by a factor a step until its square overflows.
  const exploding = () =>
    defineProblem({
      theta: () => np0([2], 1),
      task: () => ({}),
      init: theta => theta,
      inner: { loss: (_, phi) => phi.sum().mul(0), rate: 1, steps: 1 },
      outer: (_, phi) => np.square(phi).sum().neg(),
    }) as unknown as Problem;

  test("ends at the step at which single steps end, with its θ, counts and sentence", async () => {
    const options = { estimator: "exact", outer: sgd(1), outerSteps: 500 },
      single = solve(exploding(), options);
    for await (const _ of single);
    const [a, b] = [await single.result(), await solve(exploding(), options).result()];
    expect(a.outcome).toBe("diverged");
    expect({ ...b, seconds: 0 }).toEqual({ ...a, seconds: 0 });
  });

  test("a task that throws ends the run at its step", async () => {
    let asked = 0;
    const problem = problemOf(() => {
      if (++asked === 60) throw new RangeError("no more data");
      return one;
    });
    const run = solve(problem, { estimator: "exact", outer: sgd(0.01), outerSteps: 100 });
    await expect(run.result()).rejects.toThrow(/no more data/);
    // Asked twice for the shapes.
    expect(run.checkpoint().index).toBe(57);
  });

  test("the event loop turns between rows: an abort is heard", async () => {
    const controller = new AbortController(),
      run = solve(
        problemOf(() => one),
        { estimator: "exact", outer: sgd(0.01), outerSteps: 5_000_000, signal: controller.signal },
      );
    setTimeout(() => controller.abort(), 200);
    expect((await run.result()).outcome).toBe("stopped");
  });
});
