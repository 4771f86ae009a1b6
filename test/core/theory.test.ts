import { describe, expect, test } from "vitest";
import { checkpoint, recompute, store } from "../../src/core/memory/index.js";
import { powerDecay } from "../../src/core/outer/index.js";
import { scheduleValues } from "../../src/core/outer/schedule-values.js";
import * as np from "../../src/tensor/np/index.js";
import { stream } from "../../src/core/random/index.js";
import {
  biasBound,
  convergenceBound,
  expectedCost,
  momentBound,
  scaledBaseline,
  scaledDifference,
  secondMoment,
  stepCosts,
  type Regularity,
} from "../../src/core/theory/index.js";
import { solveScalar, type ScalarProblem } from "../support/scalar.js";

describe("second moment and cost", () => {
  test("the second moment is that of the two outcomes, weighted by their probability", () => {
    const random = stream(1, "moment");
    for (let i = 0; i < 100; i++) {
      const [exact, firstOrder] = [random.normal([5]).data, random.normal([5]).data].map(data => Array.from(data)) as [number[], number[]];
      const q = 1 - random.next();
      const square = (xs: number[]): number => xs.reduce((sum, x) => sum + x * x, 0);
      const d2 = square(exact.map((e, j) => e - firstOrder[j]));
      const drawn = exact.map((e, j) => firstOrder[j] + (e - firstOrder[j]) / q);
      expect(secondMoment(square(exact), d2, q)).toBeCloseTo(q * square(drawn) + (1 - q) * square(firstOrder), 8);
    }
    expect(secondMoment(3, 2, 1)).toBe(3);
    expect(secondMoment(3, 0, 0.01)).toBe(3);
  });

  test("costs count gradient evaluations", () => {
    expect(stepCosts(10, store, 2)).toEqual({ det: 11, rnd: 20 });
    expect(stepCosts(10, recompute, 2)).toEqual({ det: 11, rnd: 65 });
    expect(stepCosts(10, checkpoint(3), 2)).toEqual({ det: 11, rnd: 20 + checkpoint(3).extraSteps(10) });
    expect(stepCosts(0, recompute, 2)).toEqual({ det: 1, rnd: 0 });
    expect(expectedCost({ det: 11, rnd: 65 }, 0.2)).toBe(24);
  });

  test("with q = O(1/r) the expected time with recompute is O(r)", () => {
    const perStep = [10, 100, 1000, 10_000].map(r => expectedCost(stepCosts(r, recompute, 2), 1 / r) / r);
    expect(Math.max(...perStep)).toBeLessThan(2);
  });

  test.each([
    [() => secondMoment(1, 1, 0), "secondMoment wants a probability in (0, 1]; received 0."],
    [() => secondMoment(1, 1, 1.1), "secondMoment wants a probability in (0, 1]; received 1.1."],
    [() => secondMoment(-1, 1, 1), "secondMoment wants a non-negative V²; received -1."],
    [() => secondMoment(1, NaN, 1), "secondMoment wants a non-negative D²; received NaN."],
    [() => expectedCost({ det: 1, rnd: 1 }, -0.1), "expectedCost wants a probability in (0, 1]; received -0.1."],
    [() => stepCosts(-1, store, 2), "stepCosts wants a whole number of inner steps, at least 0; received -1."],
    [() => stepCosts(1.5, store, 2), "stepCosts wants a whole number of inner steps, at least 0; received 1.5."],
    [() => stepCosts(1, store, -2), "stepCosts wants a non-negative cost of a product; received -2."],
  ])("refuses bad arguments: %#", (call, sentence) => expect(call).toThrow(`ufom: ${sentence}`));
});

describe("𝔻 and 𝕍", () => {
  /** A problem of the scalar family with θ in the start, the inner loss and the outer loss, and its constants. */
  function randomProblem(i: number): { problem: ScalarProblem; theta: number; constants: Regularity } {
    const random = stream(2, "problem", i);
    const between = (low: number, high: number): number => low + (high - low) * random.next();
    const part = (): { a: number; b: number; A: number; shift: number } => ({
      a: between(0.1, 2),
      b: between(-5, 5),
      A: between(0.1, 10),
      shift: between(-1, 1),
    });
    const inner = { ...part(), sign: random.next() < 0.5 ? (1 as const) : (-1 as const) };
    const outer = part();
    const [start, rate, steps] = [between(-2, 2), 10 ** between(-3, 0), random.integer(21)];
    const constants = { l1: outer.a / 2 + outer.a * outer.A, l2: inner.a, m1: Math.abs(start), rate, steps };
    return { problem: { start, inner, outer, rate, steps }, theta: between(-20, 20), constants };
  }

  test("hold on 1,000 random scalar problems", () => {
    const tightness = { bias: 0, moment: 0 };
    for (let i = 0; i < 1000; i++) {
      const { problem, theta, constants } = randomProblem(i);
      const { exact, firstOrder } = solveScalar(problem, theta);
      const [bias, moment] = [biasBound(constants), momentBound(constants)];
      expect(Math.abs(exact - firstOrder), `problem ${i}`).toBeLessThanOrEqual(bias * (1 + 1e-12));
      expect(Math.abs(exact), `problem ${i}`).toBeLessThanOrEqual(moment * (1 + 1e-12));
      if (bias > 0) tightness.bias = Math.max(tightness.bias, Math.abs(exact - firstOrder) / bias);
      tightness.moment = Math.max(tightness.moment, Math.abs(exact) / moment);
    }
    // Bounds far above everything would hold as well: some problem comes near.
    expect(tightness.bias).toBeGreaterThan(0.5);
    expect(tightness.moment).toBeGreaterThan(0.5);
  });

  test("the gradients they are held against are right: central differences", () => {
    let compared = 0;
    for (let i = 0; i < 300; i++) {
      const { problem, theta } = randomProblem(i);
      const h = 1e-5;
      const { exact } = solveScalar(problem, theta);
      const numeric = (solveScalar(problem, theta + h).loss - solveScalar(problem, theta - h).loss) / (2 * h);
      if (Math.abs(exact) > 1e4) continue; // the loop that descends on −f blows differences up too
      compared++;
      expect(Math.abs(numeric - exact), `problem ${i}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(exact)));
    }
    expect(compared).toBeGreaterThan(250);
  });

  test("are attained: a concave inner loss, θ everywhere with the worst signs", () => {
    for (const [rate, steps, start] of [
      [0.1, 10, 1],
      [0.3, 5, 0],
      [0.01, 100, 2.5],
      [0.5, 0, 1],
    ] as const) {
      const inner = { a: 1.5, b: 0, A: 1e9, sign: -1, shift: -1 } as const;
      const outer = { a: 0.7, b: -7e6, A: 2, shift: -1 }; // θ is far on the straight part: |h′| = L₁
      const constants = { l1: outer.a / 2 + outer.a * outer.A, l2: 1.5, m1: start, rate, steps };
      const { exact, firstOrder } = solveScalar({ start, inner, outer, rate, steps }, 1);
      expect(exact - firstOrder).toBeCloseTo(biasBound(constants), 9);
      expect(exact).toBeCloseTo(momentBound(constants), 9);
    }
  });

  test("the bias vanishes with αL₂r, without cancellation", () => {
    const constants = { l1: 1, l2: 1, m1: 1, rate: 1e-18, steps: 10 };
    expect(biasBound(constants)).toBeCloseTo(2e-17, 30);
    expect(biasBound({ ...constants, steps: 0 })).toBe(0);
    expect(momentBound({ ...constants, steps: 0 })).toBe(2);
    expect(() => biasBound({ ...constants, l1: -1 })).toThrow("ufom: biasBound wants a non-negative l1; received -1.");
    expect(() => momentBound({ ...constants, rate: NaN })).toThrow("ufom: momentBound wants a non-negative rate; received NaN.");
  });
});

describe("convergence bound", () => {
  test.each([
    ["constant", 0.05],
    ["k^−½", powerDecay(0.3, 0.5)],
    ["k^−1", powerDecay(1, 1)],
  ] as const)("holds for descent on a quadratic with noise, whose moments are known: %s", (_, rate) => {
    // M = ½Lθ², G = Lθ + noise of variance σ²: E θ_k² = (1 − γL)² E θ_{k−1}² + γ²σ².
    const [smoothness, variance, steps] = [1.7, 0.9, 500];
    const first = Array.from({ length: steps }, (_, i) => i + 1),
      rates = typeof rate === "number" ? first.map(() => rate) : scheduleValues("a test", rate, first);
    let square = 16;
    const gap = (smoothness * square) / 2;
    let [best, largest] = [Infinity, 0];
    for (let k = 1; k <= steps; k++) {
      best = Math.min(best, smoothness ** 2 * square);
      largest = Math.max(largest, smoothness ** 2 * square + variance);
      square = (1 - rates[k - 1] * smoothness) ** 2 * square + rates[k - 1] ** 2 * variance;
      const bound = convergenceBound({ gap, smoothness, secondMoment: largest, rate, steps: k });
      expect(best).toBeLessThanOrEqual(bound * (1 + 1e-12));
    }
  });

  test("by hand, and attained by one step on a line", () => {
    expect(convergenceBound({ gap: 3, smoothness: 2, secondMoment: 5, rate: k => np.divide(1, k), steps: 2 })).toBeCloseTo(
      (3 + 5 * 1.25) / 1.5,
      14,
    );
    // M = gθ down to its least value after one step: gap = γg², so that the bound is g².
    expect(convergenceBound({ gap: 0.1 * 9, smoothness: 0, secondMoment: 9, rate: 0.1, steps: 1 })).toBeCloseTo(9, 14);
  });

  test.each([
    [{ gap: -1 }, "wants a non-negative gap; received -1."],
    [{ smoothness: NaN }, "wants a non-negative smoothness; received NaN."],
    [{ secondMoment: -2 }, "wants a non-negative second moment; received -2."],
    [{ rate: -0.1 }, "wants a non-negative rate; received -0.1."],
    [{ rate: 0 }, "wants a positive rate at some step; received none."],
    [{ steps: 0 }, "wants a whole number of steps, at least 1; received 0."],
  ])("refuses %j", (bad, sentence) => {
    const good = { gap: 1, smoothness: 1, secondMoment: 1, rate: 0.1, steps: 10 };
    expect(() => convergenceBound({ ...good, ...bad })).toThrow(`ufom: convergenceBound ${sentence}`);
  });
});

describe("scaled baseline", () => {
  const moments = (target: readonly number[], baseline: readonly number[]): { target: number; inner: number; baseline: number } => {
    const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, xi, i) => sum + xi * y[i], 0);
    return { target: dot(target, target), inner: dot(target, baseline), baseline: dot(baseline, baseline) };
  };

  test("D²(c) is ‖target − c·baseline‖², and no scale of a grid is better", () => {
    const random = stream(3, "baseline");
    for (let i = 0; i < 200; i++) {
      const [target, baseline] = [Array.from(random.normal([4], 3).data), Array.from(random.normal([4]).data)];
      const joint = moments(target, baseline);
      const { scale, d2, correlation } = scaledBaseline(joint);
      const difference = (c: number): number => target.reduce((sum, t, j) => sum + (t - c * baseline[j]) ** 2, 0);
      expect(d2).toBeCloseTo(difference(scale), 9);
      expect(scaledDifference(joint, 0.3)).toBeCloseTo(difference(0.3), 9);
      expect(d2).toBeCloseTo(joint.target * (1 - correlation ** 2), 9);
      expect(d2).toBeLessThanOrEqual(joint.target);
      for (let c = scale - 2; c <= scale + 2; c += 0.01) expect(d2).toBeLessThanOrEqual(difference(c) + 1e-9);
    }
  });

  test("a parallel baseline leaves nothing, an orthogonal or a zero one everything", () => {
    expect(scaledBaseline(moments([2, -4], [-1, 2]))).toEqual({ scale: -2, d2: 0, correlation: expect.closeTo(-1, 14) as number });
    expect(scaledBaseline(moments([1, 1], [1, -1]))).toEqual({ scale: 0, d2: 2, correlation: 0 });
    expect(scaledBaseline(moments([1, 1], [0, 0]))).toEqual({ scale: 0, d2: 2, correlation: 0 });
    expect(scaledBaseline(moments([0, 0], [1, 0]))).toEqual({ scale: 0, d2: 0, correlation: 0 });
    expect(() => scaledBaseline({ target: -1, inner: 0, baseline: 1 })).toThrow(
      "ufom: scaledDifference wants a non-negative second moment of the target; received -1.",
    );
  });
});
