import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  adam,
  createWasmExecutor,
  defineProblem,
  f32,
  np,
  perLeaf,
  sgd,
  solve,
  type HostArray,
  type Problem,
  type SolveOptions,
  type SolveStep,
} from "../../src/index.js";
import { averageTrees } from "../support/average.js";
import { exact } from "../../src/core/estimators/index.js";
import { bitsOf, norm, numbersOf } from "../support/gradients.js";
import { estimateAt, pointOf } from "../support/estimates.js";
import { initialization } from "../support/problems.js";

const options = { estimator: "exact", outer: sgd(0.1), outerSteps: 6, dtype: "float64" } as const satisfies SolveOptions;

async function steps(run: AsyncIterable<SolveStep>): Promise<SolveStep[]> {
  const all: SolveStep[] = [];
  for await (const step of run) all.push(step);
  return all;
}

/** θ ↦ ½θ², which the outer step −γθ with γ > 2 blows up; it overflows float32 soon. */
const parabola = defineProblem({
  theta: () => f32([3]),
  task: () => f32([1]),
  init: theta => theta,
  inner: { loss: (_, phi) => phi.mul(0).sum(), rate: 0.1, steps: 1 },
  outer: (_, phi) => np.square(phi).sum().mul(0.5),
}) as unknown as Problem;

describe("finished", () => {
  test("every step in turn: θ_k = θ_{k−1} − γ·G, losses and norms at the θ before the step", async () => {
    const { problem } = initialization,
      run = solve(problem, { ...options, metaBatch: 3, seed: 5 });
    let theta = problem.theta(5);
    const { compiled } = await pointOf(problem);
    for await (const step of run) {
      const gradients = [];
      for (let i = 0; i < 3; i++)
        gradients.push((await estimateAt({ compiled, theta, task: await problem.task(5, step.index, i) }, exact())).gradient);
      const g = numbersOf(averageTrees(gradients)),
        before = numbersOf(theta),
        now = numbersOf(run.theta);
      expect(now).toEqual(before.map((t, k) => t + -0.1 * g[k]));
      expect(Math.abs(step.gradientNorm - norm(g))).toBeLessThan(1e-15);
      theta = run.theta;
    }
    const { outcome, message, outerSteps, counts } = await run.result();
    expect({ outcome, message, outerSteps, counts }).toMatchInlineSnapshot(`
      {
        "counts": {
          "outer": 18,
          "product": 90,
          "step": 90,
        },
        "message": "All 6 outer steps are done.",
        "outcome": "finished",
        "outerSteps": 6,
      }
    `);
  });

  test("no outer steps: θ₀, no loss", async () => {
    const run = solve(initialization.problem, { ...options, outerSteps: 0 }),
      { outcome, theta, loss } = await run.result();
    expect([outcome, loss]).toEqual(["finished", NaN]);
    expect(bitsOf(theta)).toBe(bitsOf(initialization.problem.theta(1)));
  });

  test("result() runs what is left, and says the same again and after iteration", async () => {
    const whole = await solve(initialization.problem, options).result(),
      run = solve(initialization.problem, options);
    await run[Symbol.asyncIterator]().next();
    const rest = await run.result();
    expect(bitsOf(rest.theta)).toBe(bitsOf(whole.theta));
    expect(await run.result()).toBe(rest);
    const iterated = solve(initialization.problem, options);
    expect((await steps(iterated)).map(s => s.index)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(bitsOf((await iterated.result()).theta)).toBe(bitsOf(whole.theta));
    expect(await steps(iterated)).toEqual([]);
  });

  test("the loss that is reported falls", async () => {
    const run = solve(initialization.problem, { ...options, outer: adam(0.02), outerSteps: 200, metaBatch: 4 });
    const losses = (await steps(run)).map(s => s.loss),
      mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
    // The targets are noise, so the loss can only fall to their variance, 1.
    expect(mean(losses.slice(0, 20))).toBeGreaterThan(1.25);
    expect(mean(losses.slice(-50))).toBeLessThan(1.1);
  });
});

describe("diverged", () => {
  test("the θ of the last finite step, and why", async () => {
    const run = solve(parabola, { estimator: "exact", outer: sgd(1e10), outerSteps: 100 }),
      thetas: number[] = [];
    for await (const _ of run) thetas.push(numbersOf(run.theta)[0]);
    const result = await run.result();
    expect(thetas.length).toBeGreaterThan(0);
    expect(thetas.every(Number.isFinite)).toBe(true);
    expect(numbersOf(result.theta)).toEqual([thetas[thetas.length - 1]]);
    expect(result.outerSteps).toBe(thetas.length);
    expect([result.outcome, result.message]).toMatchInlineSnapshot(`
      [
        "diverged",
        "Outer step 3 diverged (the outer loss is Infinity: multiply gave Infinity, solve-outcomes.test.ts:36); θ is that of step 2.",
      ]
    `);
  });

  /** An outer loss that is log θ₀: NaN below zero, −∞ at zero. */
  const logarithm = (start: number) =>
    defineProblem({
      theta: () => f32([start]),
      task: () => f32([1]),
      init: theta => theta,
      inner: { loss: (_, phi) => phi.mul(0).sum(), rate: 0.1, steps: 1 },
      outer: (_, phi) => np.log(phi).sum(),
    });

  test.each([
    ["a loss that is NaN", logarithm(-1), sgd(0.1), 0],
    ["a loss that is infinite", logarithm(0), sgd(0.1), 0],
    ["a θ that overflows", logarithm(1e-30), sgd(1e30), 0],
    ["a θ that leaves the domain after a step", logarithm(0.5), sgd(1), 1],
  ] as const)("%s", async (_, problem, outer, outerSteps) => {
    const run = solve(problem, { estimator: "exact", outer, outerSteps: 9 }),
      result = await run.result();
    expect([result.outcome, result.outerSteps]).toEqual(["diverged", outerSteps]);
    expect(result.message).toMatch(
      /^Outer step \d+ diverged \((the outer loss is (NaN|-?Infinity): log gave \2, solve-outcomes\.test\.ts:\d+|θ is not finite)\); θ is that of step \d+\.$/,
    );
    expect(numbersOf(result.theta).every(Number.isFinite)).toBe(true);
    expect(result.counts.outer).toBe(outerSteps + 1);
  });
});

test("a rate that is out of range is a mistake, not an outcome: refused at its step, with the steps before it done", async () => {
  const run = solve(initialization.problem, { ...options, outer: adam(k => np.subtract(0.25, k.mul(0.1))) });
  const done: number[] = [];
  await expect(async () => {
    for await (const { index } of run) done.push(index);
  }).rejects.toThrow(/^ufom: the rate of adam must be a finite number ≥ 0 at step 3; received -0\.05\d*\.$/);
  expect(done).toEqual([1, 2]);
  await expect(run.result()).rejects.toThrow("at step 3");
});

test("a transform that does not fit θ is refused when the run is started, and leaves nothing in the executor", async () => {
  const executor = createWasmExecutor(),
    run = solve(initialization.problem, { ...options, outer: perLeaf({ nothing: sgd(0.1) }), executor });
  await expect(run.result()).rejects.toThrow(/^ufom: perLeaf needs a pattern for every leaf of θ/);
  expect(executor.usage().buffers).toBe(0);
});

describe("budget", () => {
  test("evaluations: ends after the step that reaches it", async () => {
    // One step of exact with r = 5: 5 + 5 + 1.
    for (const [evaluations, expected] of [
      [0, 0],
      [1, 1],
      [11, 1],
      [12, 2],
      [33, 3],
    ]) {
      const { outcome, outerSteps, message } = await solve(initialization.problem, { ...options, budget: { evaluations } }).result();
      expect([evaluations, outcome, outerSteps]).toEqual([evaluations, "budget", expected]);
      expect(message).toBe(`The budget was spent after ${expected} outer step${expected === 1 ? "" : "s"}.`);
    }
    expect((await solve(initialization.problem, { ...options, budget: { evaluations: 67 } }).result()).outcome).toBe("finished");
  });

  test("seconds of the run itself, not of who looks at its steps", async () => {
    // A clock that moves when it is told to: by 2 s whenever a task is fetched, and by an hour whenever somebody looks at a step.
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const slow = defineProblem({
      theta: () => f32([3]),
      task: async () => ((now += 2000), f32([1])),
      init: theta => theta,
      inner: { loss: (_, phi) => np.square(phi).sum(), rate: 0.1, steps: 1 },
      outer: (_, phi) => np.square(phi).sum(),
    }) as unknown as Problem;
    for (const [limit, expected] of [
      [0, 0],
      [1.9, 1],
      [2, 1],
      [2.1, 2],
      [7, 4],
    ]) {
      const run = solve(slow, { ...options, outerSteps: 1e9, budget: { seconds: limit } }),
        seen: number[] = [];
      for await (const step of run) {
        seen.push(step.seconds);
        now += 3_600_000;
      }
      const { outcome, seconds, outerSteps } = await run.result();
      expect([limit, outcome, outerSteps, seconds]).toEqual([limit, "budget", expected, 2 * expected]);
      expect(seen).toEqual(Array.from({ length: expected }, (_, k) => 2 * (k + 1)));
    }
    expect((await solve(slow, { ...options, outerSteps: 3, budget: { seconds: 60 } }).result()).outcome).toBe("finished");
  });
});

describe("stopped", () => {
  test("by an AbortSignal, between two steps", async () => {
    const controller = new AbortController(),
      run = solve(initialization.problem, { ...options, signal: controller.signal });
    for await (const { index } of run) if (index === 2) controller.abort();
    const { outcome, outerSteps, theta, message } = await run.result();
    expect([outcome, outerSteps, message]).toEqual(["stopped", 2, "Stopped after 2 outer steps, as asked."]);
    expect(bitsOf(theta)).toBe(bitsOf((await solve(initialization.problem, { ...options, outerSteps: 2 }).result()).theta));
  });

  test("by a signal that was aborted before, and by leaving the loop", async () => {
    expect((await solve(initialization.problem, { ...options, signal: AbortSignal.abort() }).result()).outerSteps).toBe(0);
    const run = solve(initialization.problem, options);
    for await (const { index } of run) if (index === 4) break;
    const { outcome, outerSteps } = await run.result();
    expect([outcome, outerSteps]).toEqual(["stopped", 4]);
  });
});

describe("seeds", () => {
  const thetas = async (seed: number, extra: Partial<SolveOptions> = {}) =>
    bitsOf((await solve(initialization.problem, { ...options, estimator: "ufom:0.5", seed, ...extra }).result()).theta);

  test("same seed, same bits; another seed, other numbers", async () => {
    expect(await thetas(3)).toBe(await thetas(3));
    expect(await thetas(3)).not.toBe(await thetas(4));
  });

  test("the executors agree to rounding", async () => {
    const at = async (executor: "wasm" | "reference") =>
      numbersOf((await solve(initialization.problem, { ...options, executor }).result()).theta);
    const [wasm, reference] = [await at("wasm"), await at("reference")];
    for (const [k, x] of wasm.entries()) expect(Math.abs(x - reference[k])).toBeLessThan(1e-12);
  });

  test("the draws and the tasks have streams of their own: metaBatch 1 sees the first of metaBatch 3's tasks", async () => {
    const [one, three] = await Promise.all(
      [1, 3].map(async metaBatch =>
        (await steps(solve(initialization.problem, { ...options, estimator: "first-order", outer: sgd(0), metaBatch }))).map(s => s.loss),
      ),
    );
    const { problem } = initialization,
      { compiled } = await pointOf(problem);
    for (const [k, loss] of one.entries()) {
      const losses = [];
      for (let i = 0; i < 3; i++)
        losses.push((await estimateAt({ compiled, theta: problem.theta(1), task: await problem.task(1, k + 1, i) }, exact())).loss);
      expect(loss).toBe(losses[0]);
      expect(three[k]).toBe((losses[0] + losses[1] + losses[2]) / 3);
    }
  });
});

test("θ may be given; in float32 where the run is in float32", async () => {
  const theta = f32([0.25]),
    { theta: after } = await solve(parabola, { estimator: "exact", outer: sgd(0.5), outerSteps: 1, theta }).result();
  expect(numbersOf(after)).toEqual([0.125]);
  expect(numbersOf(theta)).toEqual([0.25]);
  const { theta: doubled } = await solve(parabola, {
    estimator: "exact",
    outer: sgd(0.5),
    outerSteps: 1,
    theta,
    dtype: "float64",
  }).result();
  expect((doubled as HostArray).dtype).toBe("float64");
});
