// What `diagnose` predicts of a coin a step, and by the clock: beside the theory's functions on a quadratic, and by hand.
import { expect, test } from "vitest";
import { eachStep } from "../../src/core/diagnosis/along-loop.js";
import { withClock } from "../../src/core/diagnosis/predict-clock.js";
import type { Prediction } from "../../src/core/diagnosis/predict.js";
import { defineProblem, diagnose, f64, np, optimalStepProbabilities, type DiagnoseOptions } from "../../src/index.js";
import { normal64 } from "../support/problems.js";

const steps = 6;
/** φ₀ = θ, L_in = Σ h_i (φ_i − t_i)²/2. */
const quadratic = (curvatures: readonly number[]) =>
  defineProblem({
    theta: () => f64([1.5, -0.7, 0.4, 2.1]),
    task: random => normal64(random, [4]),
    init: theta => theta,
    inner: { loss: (_, phi, task) => np.square(phi.sub(task)).mul(curvatures).sum().div(2), rate: 0.15, steps },
    outer: (_, phi, task) => np.square(phi.sub(task)).sum().div(2),
  });
const quick: DiagnoseOptions = {
  ...{ dtype: "float64", clock: false, seed: 3, resamples: 100, tasks: 4, precision: 1e-9, metasmoothness: false },
  candidates: ["zero", "first-order"],
};

test("a coin a step has the best p_j for a_j² and the guard α_j λ_max,j, and their time", async () => {
  for (const metaBatch of [1, 4]) {
    const { loop, predictions, v2, gradient } = await diagnose(quadratic([0.3, 0.5, 1, 1.5]), { ...quick, loopSteps: steps, metaBatch }),
      { costs, products, time, estimator, q } = predictions.at(-1)!,
      exact = Math.min(...predictions.filter(one => one.estimator.startsWith("exact")).map(one => one.costs.det)),
      batch = v2.value + (metaBatch - 1) * gradient.value ** 2,
      a2 = loop.map(({ dropped }) => dropped.value * v2.value),
      product = costs.rnd / steps,
      p = optimalStepProbabilities({
        v2: batch,
        a2,
        det: costs.det,
        product,
        least: loop.map(({ curvature }) => Math.max(0.05, curvature.high)),
      }),
      sum = p.reduce((x, y) => x + y),
      moment = batch + p.reduce((all, x, j) => all + (1 / x - 1) * a2[j], 0);
    expect([estimator, q, loop.length]).toEqual(["ufom:steps:adaptive", undefined, steps]);
    // It is no trivial answer, and the guard binds somewhere.
    expect(p.some(x => x < 1)).toBe(true);
    expect(products!.value).toBeCloseTo(sum, 12);
    for (const e of ["0.5", "1", "2"] as const)
      expect(time[e].value).toBeCloseTo(((costs.det + product * sum) / exact) * (moment / batch) ** Number(e), 12);
    expect(time["1"].low).toBeLessThanOrEqual(time["1"].value);
    expect(time["1"].high).toBeGreaterThanOrEqual(time["1"].value);
  }
});

test("is recommended where its guard leaves most products out, and out where it asks for more than half", async () => {
  const gentle = await diagnose(quadratic([0.3, 0.5, 0.2, 0.4]), { ...quick, tasks: 16 }),
    steep = await diagnose(quadratic([0.3, 1.1, 2.4, 3.9]), { ...quick, tasks: 16 });
  expect(gentle.recommended).toBe("ufom:steps:adaptive");
  expect(gentle.recommendation).toContain("so that a coin a step with");
  expect(steep.recommended).not.toContain("steps");
  expect(steep.recommendation).toContain("A coin a step is out: with α λ_max up to 0.58 its guard asks for 58 % of the products.");
  // Its first draws hold all states.
  const tight = await diagnose(quadratic([0.3, 0.5, 0.2, 0.4]), { ...quick, tasks: 16, memory: 1300 });
  expect(tight.predictions.at(-1)!.fits).toBe(false);
  expect(tight.recommended).not.toContain("steps");
});

test("figures of steps that were not looked at lie on straight lines between those that were", () => {
  const at = (step: number, value: number) => ({
    step,
    curvature: { value, low: value, high: value },
    dropped: { value: 0, low: 0, high: 0 },
  });
  expect(eachStep([at(1, 4), at(3, 2), at(6, 5)], 6, ({ curvature }) => curvature.value)).toEqual([4, 3, 2, 3, 4, 5]);
  expect(eachStep([at(1, 4)], 3, ({ curvature }) => curvature.value)).toEqual([4, 4, 4]);
});

test("what the loop takes is known before, and a budget of evaluations pays for it with half of itself at most", async () => {
  const at = (options: DiagnoseOptions) => diagnose(quadratic([0.3, 0.5, 1, 1.5]), { ...quick, ...options }),
    without = await at({ loopSteps: 0 }),
    // r + r + n(r − 1) + 1 and r + 12n + 1 for a task; as many as four fit.
    one = 6 + 6 + 2 * 5 + 1 + 6 + 12 * 2 + 1;
  for (const [evaluations, tasks] of [
    [1e6, 4],
    [2 * 4 * one, 4],
    [2 * 4 * one - 1, 2],
    [2 * one, 1],
    [2 * one - 1, 0],
  ]) {
    const found = await at({ loopSteps: 2, budget: { evaluations } }),
      taken = (["step", "product", "outer"] as const).reduce((sum, kind) => sum + found.counts[kind], 0),
      sampled = found.tasks * 13;
    expect(taken - sampled, `${evaluations}`).toBe(tasks * one);
    expect(found.loop).toHaveLength(tasks ? 2 : 0);
  }
  expect(without.loop).toEqual([]);
});

test("by the clock a time has seconds in the place of operations, where they were measured", () => {
  const quantity = (value: number) => ({ value, low: 0.9 * value, high: 1.1 * value }),
    each = (value: number) => ({ "0.5": quantity(value), "1": quantity(value), "2": quantity(value) }),
    made = (one: Partial<Prediction>): Prediction => ({
      ...{ estimator: "", memory: "store", states: 1, bytes: 1, fits: true, costs: { det: 10, rnd: 0 }, time: each(1) },
      ...one,
    }),
    all = [
      made({ estimator: "exact" }),
      made({ estimator: "exact:recompute", memory: "recompute", costs: { det: 16, rnd: 0 }, time: each(1.6) }),
      made({ estimator: "ufom", baseline: "first-order", costs: { det: 5, rnd: 8 }, q: each(0.5), time: each(0.99) }),
      made({ estimator: "steps", memory: "steps", costs: { det: 5, rnd: 6 }, products: quantity(3), time: each(0.88) }),
      made({ estimator: "other", baseline: "truncated:2", costs: { det: 6, rnd: 8 }, q: each(0.5), time: each(1) }),
    ];
  const clock = {
    ...{ forward: quantity(1), product: quantity(0.1), rnd: {} },
    candidates: { "first-order": quantity(1.2) },
    exact: { store: quantity(2) },
  };
  const [exact, recompute, over, coins, other] = withClock(all, clock, 6).map(one => one.clock?.["1"].value);
  expect(exact).toBeCloseTo(1, 12);
  expect(recompute).toBeUndefined();
  // 1.2 s and half of the second that exact takes beyond the inner loop, of 2 s; 9 of 10 operations.
  expect(over).toBeCloseTo((0.99 * (1.7 / 2)) / 0.9, 12);
  expect(coins).toBeCloseTo((0.88 * (1.3 / 2)) / 0.8, 12);
  expect(other).toBeUndefined();
  expect(withClock(all, undefined, 6)).toBe(all);
});
