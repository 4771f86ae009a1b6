// A run whose estimator is `auto`: what it chooses, that its tasks are those of any run, what it counts, how it goes on, and what it refuses.
import { describe, expect, test } from "vitest";
import { driftOf, nothingSeen, withStep } from "../../src/core/diagnosis/drift.js";
import {
  defineProblem,
  diagnose,
  f64,
  hypergradient,
  np,
  parseEstimator,
  solve,
  type AutoChoice,
  type Checkpoint,
  type CheckpointJson,
  type SolveOptions,
  type SolveStep,
} from "../../src/index.js";
import { normal64 } from "../support/problems.js";

/** φ₀ = θ, L_in = Σ h_i (φ_i − t_i)²/2. */
const quadratic = (curvatures: readonly number[], rate: number, steps: number) =>
  defineProblem({
    theta: () => f64([1.5, -0.7, 0.4, 2.1]),
    task: random => normal64(random, [4]),
    init: theta => theta,
    inner: {
      loss: (_, phi, task) => np.square(phi.sub(task)).mul(curvatures).sum().div(2),
      rate,
      steps,
    },
    outer: (_, phi, task) => np.square(phi.sub(task)).sum().div(2),
  });
const gentle = quadratic([0.3, 0.5, 0.2, 0.4], 0.05, 20),
  steep = quadratic([0.3, 1.1, 2.4, 3.9], 0.15, 6),
  straight = quadratic([0, 0, 0, 0], 0.1, 6);

const base: Omit<SolveOptions, "estimator"> = { outer: "sgd:0.05", outerSteps: 60, metaBatch: 2, dtype: "float64", seed: 4 };
/** Choices without what the clock says. */
const timeless = (choices: readonly AutoChoice[] | undefined) => choices!.map(({ seconds: _, ...rest }) => rest);
const bits = (tree: unknown) => [...(tree as { data: Float64Array }).data];

describe("chooses", () => {
  test("a coin a step where curvature is small, and never where its guard forbids it", async () => {
    const small = await solve(gentle, { ...base, estimator: "auto", outerSteps: 200 }),
      large = await solve(steep, { ...base, estimator: "auto", outerSteps: 200 });
    expect(small.auto!.map(({ estimator }) => estimator)).toEqual(["ufom:steps:adaptive"]);
    expect(large.auto![0].estimator).not.toContain("steps");
    expect(large.auto![0].reason).toContain("A coin a step is out: with α λ_max up to 0.58 its guard asks for 58 % of the products.");
  });

  test("no biased one: what was the exact gradient at θ₀ keeps a coin", async () => {
    const { recommended } = await diagnose(straight, { dtype: "float64", clock: false, tasks: 8 }),
      { auto, counts } = await solve(straight, { ...base, estimator: "auto" });
    expect(parseEstimator(recommended).facts.bias).toBe("first-order");
    expect(auto!.map(({ estimator }) => parseEstimator(estimator).facts.bias)).toEqual(["none"]);
    expect(auto![0].estimator).toContain(`baseline=${recommended}`);
    expect(counts.outer).toBe(120 + auto![0].counts.outer);
  });
});

test("has the numbers of a run by what it chose, beside what the diagnosis took", async () => {
  const told: string[] = [],
    steps: SolveStep[] = [],
    run = solve(steep, { ...base, estimator: "auto", progress: text => told.push(text) });
  for await (const step of run) steps.push(step);
  const found = await run.result(),
    [{ estimator, counts }] = found.auto!,
    other = await solve(steep, { ...base, estimator });
  expect(found.auto).toHaveLength(1);
  expect(bits(found.theta)).toEqual(bits(other.theta));
  for (const kind of ["step", "product", "outer"] as const) {
    expect(counts[kind]).toBeGreaterThan(0);
    expect(found.counts[kind]).toBe(other.counts[kind] + counts[kind]);
  }
  expect(steps.map(({ auto }) => auto?.estimator)).toEqual([estimator, ...new Array<undefined>(59).fill(undefined)]);
  expect(told).toHaveLength(3);
  expect(told[0]).toBe("auto: a diagnosis first, which takes at most 10 % of the run.");
  expect(told[1]).toMatch(/^auto: \d+ tasks at θ₀, [\d,]+ evaluations, [\d.]+ % of the run: D²\/V² of first-order 0\.\d+/);
  expect(told[2]).toBe(`auto: takes ${found.auto![0].reason}`);
  const share = (counts.step + counts.product + counts.outer) / (60 * 2 * 13);
  expect(share).toBeLessThanOrEqual(0.1);
});

test("goes on from a checkpoint, through JSON too, with what was chosen and no other diagnosis", async () => {
  const whole = await solve(steep, { ...base, estimator: "auto" }),
    run = solve(steep, { ...base, estimator: "auto" });
  let saved: Checkpoint | undefined;
  for await (const { index } of run)
    if (index === 25) {
      saved = run.checkpoint();
      break;
    }
  expect(saved!.run.estimator).toBe("auto");
  const told: string[] = [];
  for (const resume of [saved!, JSON.parse(JSON.stringify(saved)) as CheckpointJson]) {
    const { theta, counts, auto } = await solve(steep, { ...base, estimator: "auto", resume, progress: text => told.push(text) });
    expect([bits(theta), counts, timeless(auto)]).toEqual([bits(whole.theta), whole.counts, timeless(whole.auto)]);
  }
  expect(new Set(told)).toEqual(new Set([`auto: goes on with ${whole.auto![0].estimator}, as it was chosen.`]));
});

/** L_in = e^c (φ − t)²/2: the outer loop raises c, so that gradients shrink, and curvature grows by a factor of eight. */
const hardening = defineProblem({
  theta: () => ({ w: f64([1]), c: f64([-1]) }),
  task: random => normal64(random, [1]),
  init: theta => theta.w,
  inner: {
    loss: (theta, phi, task) => np.square(phi.sub(task)).mul(np.exp(theta.c)).sum().div(2),
    rate: 0.1,
    steps: 12,
  },
  outer: (_, phi, task) => np.square(phi.sub(task)).sum().div(2),
});

test("looks again where steps show something else, the same for the same seed, also from a checkpoint", async () => {
  const options = { ...base, estimator: "auto", outer: "adam:0.1", outerSteps: 130 } as const,
    told: string[] = [],
    seen: SolveStep[] = [],
    run = solve(hardening, { ...options, progress: text => told.push(text) });
  let saved: Checkpoint | undefined;
  for await (const step of run) {
    seen.push(step);
    if (step.index === 20) saved = run.checkpoint();
  }
  const found = await run.result(),
    again = found.auto!.slice(1);
  expect(again.length).toBeGreaterThan(0);
  expect(found.auto!.map(({ estimator }) => parseEstimator(estimator).facts.bias)).toEqual(found.auto!.map(() => "none"));
  for (const { index, drift, estimator } of again) {
    expect(drift).toMatch(/where the diagnosis had|with a probability of at least/);
    expect(seen.find(step => step.index === index + 1)!.auto!.estimator).toBe(estimator);
    expect(told).toContain(`auto: looks again after ${index} outer steps, as ${drift}.`);
  }
  expect(seen.map(({ index }) => index)).toEqual(Array.from({ length: 130 }, (_, i) => i + 1));
  // What is counted never falls, and all diagnoses together are a fifth at most.
  seen.slice(1).forEach(({ counts }, i) => expect(counts.step).toBeGreaterThan(seen[i].counts.step));
  const taken = found.auto!.reduce((sum, { counts: { step, product, outer } }) => sum + step + product + outer, 0);
  expect(taken).toBeLessThanOrEqual(0.2 * 130 * 2 * 25);
  const second = await solve(hardening, { ...options, resume: saved });
  expect([second.theta, second.counts, timeless(second.auto)]).toEqual([found.theta, found.counts, timeless(found.auto)]);
});

test("an abort within the diagnosis stops the run before its first step", async () => {
  const stop = new AbortController(),
    run = solve(steep, { ...base, estimator: "auto", signal: stop.signal, progress: () => stop.abort() }),
    { outcome, outerSteps, theta, auto } = await run.result();
  expect([outcome, outerSteps, bits(theta), auto]).toEqual(["stopped", 0, [1.5, -0.7, 0.4, 2.1], []]);
  const { theta: later } = await solve(steep, { ...base, estimator: "auto", resume: run.checkpoint() });
  expect(bits(later)).toEqual(bits((await solve(steep, { ...base, estimator: "auto" })).theta));
});

describe("drift", () => {
  const step = (ratio: number, probability = 0.3): SolveStep => ({
    ...{ index: 1, loss: 1, gradientNorm: 1, probability, exactDraws: 1, peakStates: 1, seconds: 0 },
    counts: { step: 1, product: 1, outer: 1 },
    moments: { difference: 2 * ratio, target: 2, cosine: 1 },
  });
  const after = (n: number, each: (i: number) => SolveStep) =>
    Array.from({ length: n }, (_, i) => each(i)).reduce((state, one) => withStep(state, one, true), nothingSeen);
  const expected = { ratio: [0.2, 0.4], v2: [1, 3], square: [0.5, 2] } as const;

  test("is an average of at least 32 draws beyond twice the interval, or ten times that of a second moment", () => {
    expect(
      driftOf(
        after(100, () => step(0.79)),
        expected,
      ),
    ).toBeUndefined();
    expect(
      driftOf(
        after(31, () => step(0.81)),
        expected,
      ),
    ).toBeUndefined();
    expect(
      driftOf(
        after(32, () => step(0.81)),
        expected,
      ),
    ).toBe("D²/V² was 0.81 over the last draws of 32 with both gradients, where the diagnosis had 0.2 to 0.4");
    expect(
      driftOf(
        after(32, () => step(0.09)),
        expected,
      ),
    ).toContain("D²/V² was 0.09");
    expect(
      driftOf(
        after(40, () => step(0.3)),
        { ...expected, v2: [0.01, 0.19] },
      ),
    ).toContain("V² was 2 over");
    expect(
      driftOf(
        after(40, () => step(0.3)),
        { v2: [1, 3], square: [11, 12] },
      ),
    ).toContain("the mean square of an estimate was 1 over");
    expect(
      driftOf(
        after(40, () => step(0.3)),
        { v2: [1, 3], square: [9, 12] },
      ),
    ).toBeUndefined();
  });

  test("is a probability that stays near 1, and no longer where it fell", () => {
    expect(
      driftOf(
        after(32, () => step(0.3, 0.95)),
        expected,
      ),
    ).toBe("its target was drawn with a probability of at least 0.9 in the last 32 outer steps");
    expect(
      driftOf(
        after(33, i => step(0.3, i === 32 ? 0.8 : 0.95)),
        expected,
      ),
    ).toBeUndefined();
  });

  test("of a D²/V² below 1 % is none: it need not be told from 0", () => {
    expect(
      driftOf(
        after(40, () => step(1e-9)),
        { ...expected, ratio: [0, 0] },
      ),
    ).toBeUndefined();
    expect(
      driftOf(
        after(40, () => step(0.03)),
        { ...expected, ratio: [0, 0] },
      ),
    ).toContain("D²/V² was 0.03");
  });
});

describe("refuses", () => {
  const refusal = async (call: () => unknown): Promise<string> => {
    try {
      await call();
    } catch (error) {
      return (error as Error).message;
    }
    return "accepted";
  };

  test("in sentences", async () => {
    const run = solve(steep, { ...base, estimator: "exact", outerSteps: 1 });
    await run.result();
    const auto = (options: Partial<SolveOptions>) => () => solve(steep, { ...base, ...options, estimator: "auto" } as never);
    const elsewhere =
      "ufom: auto chooses the estimator of a run, in solve, ufom run and ufom compare, and is none itself (diagnose says which it would be); received it elsewhere.";
    expect(await refusal(() => hypergradient(steep, { estimator: "auto" }))).toBe(elsewhere);
    expect(await refusal(() => diagnose(steep, { candidates: ["auto"] }))).toBe(elsewhere);
    expect(await refusal(() => parseEstimator("ufom:0.1:baseline=auto"))).toBe(elsewhere);
    expect(await refusal(auto({ outerSteps: 3 }))).toMatch(
      /^ufom: solve's estimator auto needs a run of which 10 % are enough for its diagnosis, \d+ evaluations \(more outerSteps or budget\.evaluations; or one estimator by name\); received one of about 78 evaluations\.$/,
    );
    expect(await refusal(auto({ outerSteps: Number.MAX_SAFE_INTEGER }))).toBe(
      "ufom: solve's estimator auto needs outerSteps or a budget, which say how much a diagnosis may take of the run; received a run without a limit.",
    );
    expect(await refusal(auto({ budget: { charged: { total: 100, always: 1 } } }))).toBe(
      "ufom: solve's estimator auto takes no budget.charged, as what a task is charged depends on the estimator (budget.evaluations or outerSteps); received one.",
    );
    expect(await refusal(auto({ resume: run.checkpoint() }))).toBe(
      "ufom: resume takes a checkpoint of a run with estimator auto; received one with exact.",
    );
    expect(await refusal(auto({ metaBatch: 0 }))).toContain("metaBatch");
  });
});
