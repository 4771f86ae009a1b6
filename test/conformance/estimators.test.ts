import { describe, expect, test } from "vitest";
import { createReferenceExecutor, createWasmExecutor, exact, stream, type Estimate, type Estimator } from "../../src/index.js";
import { estimatorSpellings, parseEstimator } from "../../src/core/estimators/index.js";
import type { ProgramName } from "../../src/core/problem/programs.js";
import { costOf } from "../../src/program/cost.js";
import { countingExecutor, type CountingExecutor } from "../support/counting-executor.js";
import { estimateAt, gradientAt, pointOf, type Point } from "../support/estimates.js";
import { bitsOf, distance, numbersOf } from "../support/gradients.js";
import { adamInside, everywhere, initialization, noSteps, sampleWeights, stepRates } from "../support/problems.js";

// Every estimator keeps these promises; one that is spelled is found here by its examples.
interface Subject {
  readonly name: string;
  readonly estimator: Estimator;
  /** Mean over the draw: the exact gradient, or something else on a problem that is nonlinear and long enough. */
  readonly unbiased: boolean;
}
const isUnbiased = (name: string): boolean => /^(exact|ufom)(:|$)/.test(name) && !name.includes("target=");
const further = [
  "truncated:0",
  "truncated:3:recompute",
  "ufom:1",
  "ufom:0.3:store",
  "ufom:0.3:checkpoint=2:baseline=first-order:mixed",
  "ufom:0.4:target=truncated:3:baseline=truncated:1",
  "ufom:0.4:target=first-order:mixed:baseline=truncated:3",
];
const subjects: Subject[] = [...estimatorSpellings.flatMap(({ examples }) => examples), ...further].map(name => ({
  name,
  estimator: parseEstimator(name),
  unbiased: isUnbiased(name),
}));

const problems = [everywhere, initialization, sampleWeights, stepRates, adamInside, noSteps];
const accepts = (point: Point, { check }: Estimator): boolean => {
  try {
    check(point.kernels);
    return true;
  } catch {
    return false;
  }
};

/** Both outcomes with the probability that the first draw has, and the mean. */
async function bothOutcomes(
  point: Point,
  estimator: Estimator,
): Promise<{ outcomes: [weight: number, estimate: Estimate][]; mean: number[] }> {
  const { probability } = estimator.draw(estimator.init(point.theta), stream(1, "draw"));
  const weights: [number, boolean][] =
    probability === 1
      ? [[1, true]]
      : [
          [probability, true],
          [1 - probability, false],
        ];
  const outcomes: [number, Estimate][] = [];
  for (const [weight, isExact] of weights) outcomes.push([weight, await estimateAt(point, estimator, { exact: isExact, probability })]);
  const mean = numbersOf(outcomes[0][1].gradient).map((_, k) =>
    outcomes.reduce((sum, [weight, { gradient }]) => sum + weight * numbersOf(gradient)[k], 0),
  );
  return { outcomes, mean };
}

/** Arithmetic operations that an executor ran, in units of an inner step's. */
const workDone = ({ runs }: CountingExecutor, { kernels: { programs } }: Point): number => {
  const programOf = (name: ProgramName) => {
    const p = programs[name];
    return "program" in p ? p.program : p;
  };
  return (
    [...runs]
      .filter(([name]) => name !== "add")
      .reduce((sum, [name, calls]) => sum + calls * costOf(programOf(name as ProgramName)).flops, 0) / costOf(programs.step).flops
  );
};

describe.each(subjects)("estimator $name", ({ estimator, unbiased, name }) => {
  test("its name spells it", () => {
    expect(parseEstimator(estimator.name).name).toBe(estimator.name);
    expect(parseEstimator(name).name).toBe(estimator.name);
  });

  test("draws from its stream alone, and says with which probability", () => {
    const state = estimator.init({ shape: [], dtype: "float32", data: new Float32Array(1) }),
      draws = (seed: number) => Array.from({ length: 200 }, (_, i) => estimator.draw(state, stream(seed, "draw", i)));
    const first = draws(1);
    expect(draws(1)).toEqual(first);
    const { probability } = first[0],
      share = first.filter(c => c.exact).length / first.length;
    expect(probability).toBeGreaterThan(0);
    expect(first.every(c => c.probability === probability)).toBe(true);
    expect(Math.abs(share - probability)).toBeLessThanOrEqual(4 * Math.sqrt((probability * (1 - probability)) / first.length));
  });

  test.each(problems)("on $name: θ's tree, the outer loss, counts, work and states; no buffer stays", async ({ problem }) => {
    const executor = countingExecutor(createWasmExecutor()),
      point = await pointOf(problem, { executor });
    if (!accepts(point, estimator)) return expect(() => estimator.check(point.kernels)).toThrow(/^ufom: .*; received .*\.$/);
    const { loss } = await estimateAt(point, exact()),
      like = (tree: unknown) => JSON.stringify(tree, (key, value: unknown) => (key === "data" ? "numbers" : value));
    await bothOutcomes(point, estimator);
    const resident = executor.usage().buffers;
    for (const isExact of [true, false]) {
      executor.restart();
      const estimate = await estimateAt(point, estimator, { exact: isExact, probability: 0.5 }),
        { counts, peakStates, work, seconds } = estimate;
      expect(like(estimate.gradient)).toBe(like(point.theta));
      expect(estimate.loss).toBe(loss);
      const ran = (...names: ProgramName[]) => names.reduce((sum, n) => sum + (executor.runs.get(n) ?? 0), 0);
      expect(counts).toEqual({ step: ran("step"), product: ran("pullback", "mixed"), outer: ran("outer") });
      expect(counts.step).toBeGreaterThanOrEqual(problem.steps);
      expect(peakStates).toBeGreaterThanOrEqual(1);
      expect(peakStates).toBeLessThanOrEqual(Math.max(1, problem.steps));
      const random = estimate.moments ? work.random : 0;
      expect(Math.abs(work.deterministic + random - workDone(executor, point))).toBeLessThan(1e-9 * workDone(executor, point));
      expect(seconds.deterministic).toBeGreaterThan(0);
      expect(executor.usage().buffers).toBe(resident);
    }
    point.kernels.dispose();
    expect(executor.usage().buffers).toBe(0);
  });

  test("the same numbers again, on both executors to rounding, and with one that answers later", async () => {
    const { problem } = everywhere,
      choice = { exact: true, probability: 0.5 };
    const executors = [
      createWasmExecutor(),
      createWasmExecutor(),
      countingExecutor(createWasmExecutor(), { later: true }),
      createReferenceExecutor(),
    ];
    const gradients = await Promise.all(
      executors.map(async executor => (await estimateAt(await pointOf(problem, { executor }), estimator, choice)).gradient),
    );
    expect(bitsOf(gradients[1])).toBe(bitsOf(gradients[0]));
    expect(bitsOf(gradients[2])).toBe(bitsOf(gradients[0]));
    expect(distance(numbersOf(gradients[3]), numbersOf(gradients[0]))).toBeLessThan(1e-12);
  });

  test(unbiased ? "its mean is the exact gradient" : "its mean is not the exact gradient", async () => {
    for (const { problem } of [everywhere, adamInside]) {
      const point = await pointOf(problem, { innerSteps: 9 });
      if (!accepts(point, estimator)) continue;
      const { mean } = await bothOutcomes(point, estimator),
        off = distance(mean, await gradientAt(point, exact()));
      if (unbiased) expect(off).toBeLessThan(1e-11);
      else expect(off).toBeGreaterThan(1e-3);
    }
  });

  test("observes: a state that survives JSON, and depends on nothing but what it saw", async () => {
    const point = await pointOf(everywhere.problem),
      seen = await estimateAt(point, estimator, { exact: true, probability: 0.5 });
    const once = estimator.observe(estimator.init(point.theta), seen),
      again = estimator.observe(estimator.init(point.theta), seen);
    expect(again).toEqual(once);
    expect(JSON.parse(JSON.stringify(once))).toEqual(once);
  });
});

describe("first-order", () => {
  test("says why it makes no sense where θ enters inner steps only", async () => {
    const { kernels } = await pointOf(sampleWeights.problem);
    expect(() => parseEstimator("first-order").check(kernels)).toThrow(
      /^ufom: first-order needs θ in the start or in the outer loss, as it drops all that reaches θ through inner steps \(first-order:mixed keeps it\); received a problem whose first-order gradient is zero: θ enters its inner steps only \(defineProblem, problems\.ts:\d+\)\.$/,
    );
    expect(() => parseEstimator("ufom:0.5:baseline=first-order").check(kernels)).toThrow(/first-order/);
  });
});
