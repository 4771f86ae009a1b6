import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadFigure } from "../../cli/src/figures/index.js";
import { manyStarts } from "../../cli/src/figures/many-starts.js";
import { varianceOf } from "../../cli/src/figures/variance-schemes.js";
import { coinAStep, oneCoin } from "../../cli/src/figures/variance-theory.js";
import { tradeOffProblem } from "../../cli/src/problems/toy/family.js";
import { createWasmExecutor } from "../../src/index.js";

const executor = createWasmExecutor();
/** A figure from fewer starts than it has by default. */
const quick = async <N>(name: string, starts: number): Promise<N> =>
  (await (await loadFigure(name)).make({ seed: 1, starts, executor })).numbers as N;
const kept = (name: string) => readFile(fileURLToPath(new URL(`../../docs/pictures/${name}`, import.meta.url)), "utf8");

describe("what the figures are to show, from few starts", () => {
  test("objective: first-order ends at its own fixed point, UFOM around the stationary one; the documents have these numbers", async () => {
    interface Numbers {
      readonly stationary: number;
      readonly firstOrderFixedPoint: number;
      readonly ends: readonly { readonly method: string; readonly theta: readonly number[] }[];
    }
    const numbers = await quick<Numbers>("objective", 40),
      { stationary, firstOrderFixedPoint, ends } = numbers;
    expect([stationary, firstOrderFixedPoint]).toEqual([2.84028, 5.75887]);
    const mean = (theta: readonly number[]) => theta.reduce((sum, x) => sum + x, 0) / theta.length;
    expect(ends.map(({ method, theta }) => [method, theta.length])).toEqual([
      ["first-order", 40],
      ["UFOM, q = 0.1", 40],
    ]);
    expect(Math.abs(mean(ends[0].theta) - firstOrderFixedPoint)).toBeLessThan(0.05);
    expect(Math.abs(mean(ends[1].theta) - stationary)).toBeLessThan(0.4);
    expect(JSON.parse(await kept("objective.json"))).toMatchObject(numbers);
  });

  test("convergence: first-order's |∇M| is √(2D) within 1 %, UFOM's falls as k^−½, far below it", async () => {
    interface Numbers {
      readonly level: number;
      readonly outerSteps: readonly number[];
      readonly methods: readonly { readonly mean: readonly number[]; readonly low: readonly number[]; readonly high: readonly number[] }[];
    }
    const { level, outerSteps, methods } = await quick<Numbers>("convergence", 100);
    expect(level).toBe(0.34641);
    const [firstOrder, ufom] = methods;
    expect(Math.abs(firstOrder.mean.at(-1)! / level - 1)).toBeLessThan(0.01);
    expect(ufom.high.at(-1)!).toBeLessThan(level / 3);
    // A hundred times as many outer steps: a tenth.
    const fall = ufom.mean.at(-1)! / ufom.mean[outerSteps.indexOf(100)];
    expect(fall).toBeGreaterThan(0.07);
    expect(fall).toBeLessThan(0.15);
    for (const { mean, low, high } of methods)
      for (const k of [20, mean.length - 1]) expect(low[k] < mean[k] && mean[k] < high[k]).toBe(true);
  });

  test("trade-off: measured moments are the closed forms', and q* costs at most 10 % more than the best q of twenty, at every α", async () => {
    interface Numbers {
      readonly rates: readonly number[];
      readonly theory: Record<"over" | "end", readonly { readonly v2: number; readonly d2: number }[]>;
      readonly measured: Numbers["theory"];
      readonly best: Record<"theoryEnd" | "tried", readonly number[]>;
      readonly costOverBest: Record<"end" | "over" | "half", readonly number[]>;
      readonly exponents: readonly number[];
    }
    const { rates, theory, measured, best, costOverBest, exponents } = await quick<Numbers>("trade-off", 40);
    expect([rates.length, rates[0], rates[9]]).toEqual([10, 0.001, 0.05]);
    for (let i = 0; i < rates.length; i++) {
      for (const moment of ["v2", "d2"] as const) {
        // Squares of 40 uniform starts, the same at all α: their mean is off by a tenth or so.
        expect(Math.abs(measured.over[i][moment] / theory.over[i][moment] - 1)).toBeLessThan(0.25);
        expect(Math.abs(measured.end[i][moment] / theory.end[i][moment] - 1)).toBeLessThan(0.1);
      }
      expect(costOverBest.end[i]).toBeLessThan(1.1);
      expect(costOverBest.over[i]).toBeLessThan(1.1);
      expect(Math.abs(Math.log(best.tried[i] / best.theoryEnd[i]))).toBeLessThan(1);
    }
    // The exponent is 1, not ½; where α is small, E‖G‖² hardly depends on q. From all starts it is closer.
    const last = exponents.slice(5).reduce((sum, p) => sum + p / 5, 0);
    expect(Math.abs(last - 1)).toBeLessThan(0.3);
    const whole = JSON.parse(await kept("trade-off.json")) as Numbers;
    for (const p of whole.exponents) expect(Math.abs(p - 1)).toBeLessThan(0.15);
    for (const ratio of [...whole.costOverBest.end, ...whole.costOverBest.over]) expect(ratio).toBeLessThan(1.03);
    expect(costOverBest.half[9]).toBeGreaterThan(1.15);
  });

  test("time: UFOM with q* comes to exact's accuracy in less than half of the time, first-order never does", async () => {
    interface Numbers {
      readonly methods: readonly {
        readonly q: number;
        readonly evaluationsAnOuterStep: number;
        readonly evaluationsUntilLevel: number | null;
      }[];
    }
    const { methods } = await quick<Numbers>("time", 120);
    expect(methods.map(({ q }) => q)).toEqual([0, expect.closeTo(0.0543, 3), 1]);
    expect(methods.map(one => one.evaluationsAnOuterStep)).toEqual([11, expect.closeTo(11 + 55 * methods[1].q, 3), 66]);
    const [firstOrder, ufom, exact] = methods.map(one => one.evaluationsUntilLevel);
    expect(firstOrder).toBeNull();
    expect(ufom!).toBeLessThan(exact! / 2);
  });

  test("bias-bound: the concave problem has all of the bias that the bound allows, the two tasks less", async () => {
    interface Point {
      readonly rate: number;
      readonly steps: number;
      readonly bound: number;
      readonly worst: number;
      readonly largest: number;
      readonly d: number;
    }
    const { againstRate, againstLength, l1 } = await quick<Record<"againstRate" | "againstLength", readonly Point[]> & { l1: number }>(
      "bias-bound",
      50,
    );
    expect(l1).toBe(85);
    for (const { rate, steps, bound, worst, largest, d } of [...againstRate, ...againstLength]) {
      expect(bound).toBeCloseTo(Number((2 * l1 * ((1 + 1.5 * rate) ** steps - 1)).toPrecision(6)), 2);
      expect(Math.abs(worst / bound - 1)).toBeLessThan(1e-5);
      expect(largest).toBeLessThan(bound);
      expect(d).toBeLessThan(largest);
    }
    expect(againstLength.at(-1)!.bound / againstLength.at(-1)!.largest).toBeGreaterThan(30);
  });

  test("variance: what one coin has is its closed form, and grows with r; a coin a step has little, whatever r is", async () => {
    interface Line {
      readonly points: readonly (readonly [x: number, variance: number])[];
    }
    type Panel = Record<"closedForm" | "measured", readonly Line[]>;
    const { againstProducts, againstLength } = await quick<Record<"againstProducts" | "againstLength", Panel>>("variance", 30);
    for (const { closedForm, measured } of [againstProducts, againstLength]) {
      const formed = new Map(closedForm[0].points);
      expect(measured[0].points.length).toBe(closedForm[0].points.length);
      // The starts are a sample of the range that the closed form is a mean over.
      for (const [x, variance] of measured[0].points)
        expect(Math.abs(variance - formed.get(x)!)).toBeLessThanOrEqual(0.05 * Math.max(1e-9, formed.get(x)!));
    }
    // Few draws, of a heavy tail: whether it is this estimate at all.
    const ofSteps = againstLength.measured[1].points.filter(([r]) => r >= 40);
    expect(ofSteps.length).toBe(4);
    const forms = new Map(againstLength.closedForm[1].points);
    for (const [r, variance] of ofSteps) {
      expect(variance).toBeGreaterThan(0.2 * forms.get(r)!);
      expect(variance).toBeLessThan(5 * forms.get(r)!);
    }
    const [one, step] = againstLength.closedForm.map(({ points }) => new Map(points));
    expect(one.get(400)! / one.get(100)!).toBeGreaterThan(3.5);
    expect(step.get(400)! / step.get(100)!).toBeLessThan(1.2);
    expect(step.get(40)!).toBeLessThan(0.03 * one.get(40)!);
  });
});

test("the variances in closed form are those of all outcomes of the coins, summed by their probabilities", () => {
  const [r, k, rate] = [6, 2, 0.1],
    problem = { ...tradeOffProblem(rate), loop: { rate, steps: r } },
    p = k / r,
    distances = problem.tasks.map(({ a, b }) => 100 ** 2 / 12 + (b / a) ** 2);
  const sums = { one: 0, step: 0, exact: 0 };
  for (const [i, { a }] of problem.tasks.entries()) {
    const outer = a * (1 - rate * a) ** r,
      exact = (1 - rate * a) ** r,
      weight = outer ** 2 * distances[i];
    sums.exact += weight * exact ** 2;
    for (const xi of [0, 1]) sums.one += weight * (xi === 1 ? p : 1 - p) * (1 + (xi / p) * (exact - 1) - exact) ** 2;
    for (let coins = 0; coins < 2 ** r; coins++) {
      let [probability, factor] = [1, 1];
      for (let j = 0; j < r; j++) {
        const fell = (coins >> j) & 1;
        probability *= fell ? p : 1 - p;
        factor *= 1 - (fell / p) * rate * a;
      }
      sums.step += weight * probability * (factor - exact) ** 2;
    }
  }
  expect(oneCoin(problem, k, r)).toBeCloseTo(sums.one / sums.exact, 10);
  expect(coinAStep(problem, k, r)).toBeCloseTo(sums.step / sums.exact, 10);
});

test("variances of estimates whose outcomes cannot be listed come from draws", async () => {
  // On a parabola evolution strategies with one pair give G·ε², ε standard normal: E(ε² − 1)² = 2, here from 200 draws, with a standard error of 0.5.
  const batch = { scalar: tradeOffProblem(0.01), extents: [1, 1, 1] as const, starts: { low: -50, high: 50 } },
    problem = manyStarts(batch);
  const { variance, products } = await varianceOf("es:1", { batch, problem, x: problem.theta(2).x, innerSteps: 10, executor });
  expect(products).toBe(0);
  expect(variance).toBeGreaterThan(0.8);
  expect(variance).toBeLessThan(3.7);
});
