import { describe, expect, it } from "vitest";
import { pairedRoots } from "../../cli/src/cleaning/regression/held-out-error.js";
import { fitErrors, wrongLogOdds } from "../../cli/src/cleaning/regression/mixture.js";
import { ridge } from "../../cli/src/cleaning/regression/ridge.js";
import { localScale, scaleOf, weightedMedian } from "../../cli/src/cleaning/regression/robust.js";
import { logStudent } from "../../cli/src/cleaning/regression/student.js";
import { columnDecimals, sensible } from "../../cli/src/clean-values/digits.js";
import { stream } from "../../src/core/random/index.js";

const normal = (x: number, deviation: number): number => Math.exp(-0.5 * (x / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
const total = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0);

describe("what cleaning of numbers is made of", () => {
  it("ridge regression is the closed form", () => {
    const [x, y, u] = [
        [1, 2, 4, 7],
        [3, 1, 5, 9],
        [1, 2, 0, 1],
      ],
      mean = (of: number[]): number => (of[0] + 2 * of[1] + of[3]) / 4,
      cross = (a: number[], b: number[]): number => mean(a.map((value, i) => (value - mean(a)) * (b[i] - mean(b)))),
      w = cross(x, y) / (cross(x, x) + 0.1),
      model = ridge(
        { features: Float32Array.from(x), width: 1, rows: Int32Array.of(0, 1, 2, 3) },
        Float64Array.from(y),
        Float64Array.from(u),
        0.1,
      );
    expect(model.w[0]).toBeCloseTo(w, 10);
    expect(model.b).toBeCloseTo(mean(y) - w * mean(x), 10);
  });

  it("ridge regression of many columns solves its normal equations", () => {
    const random = stream(1, "columns"),
      [n, d, lambda] = [80, 12, 0.01],
      features = Float32Array.from(random.normal([n * d], 1).data),
      [y, u] = [Float64Array.from(random.normal([n], 1).data), Float64Array.from({ length: n }, () => random.next())],
      { w, b } = ridge({ features, width: d, rows: Int32Array.from({ length: n }, (_, i) => i) }, y, u, lambda),
      left = y.map((value, i) => total(w.map((x, k) => x * features[i * d + k])) + b - value);
    expect(total(left.map((r, i) => r * u[i]))).toBeCloseTo(0, 6);
    for (let k = 0; k < d; k++)
      expect(total(left.map((r, i) => r * u[i] * features[i * d + k])) / total(u) + lambda * w[k]).toBeCloseTo(0, 6);
  });

  it("Student's t of one and two degrees of freedom has its closed form", () => {
    for (const x of [0, 0.3, -2, 40]) {
      expect(Math.exp(logStudent(x, 2, 1))).toBeCloseTo(1 / (2 * Math.PI * (1 + (x / 2) ** 2)), 12);
      expect(Math.exp(logStudent(x, 2, 2))).toBeCloseTo(1 / (2 * 2 * Math.SQRT2 * (1 + (x / 2) ** 2 / 2) ** 1.5), 12);
    }
    expect(Math.exp(logStudent(1, 1, 100_000))).toBeCloseTo(normal(1, 1), 5);
  });

  it("the error model finds the share, the scale, and the odds of Bayes' rule", () => {
    const random = stream(2, "errors"),
      n = 4000,
      wrong = Array.from({ length: n }, () => random.next() < 0.2),
      predicted = random.normal([n], 0.8).data,
      value = Float64Array.from(wrong, (is, i) => (is ? random.normal([1], 1).data[0] : predicted[i] + random.normal([1], 0.1).data[0])),
      residuals = { residual: value.map((y, i) => y - predicted[i]), scale: new Float64Array(n).fill(0.2), value },
      model = fitErrors({ rows: residuals, right: { residual: new Float64Array(0), scale: new Float64Array(0) } });
    expect(model.share).toBeGreaterThan(0.18);
    expect(model.share).toBeLessThan(0.22);
    expect(0.2 * model.sigma).toBeGreaterThan(0.095);
    expect(0.2 * model.sigma).toBeLessThan(0.105);
    expect(model.mixed).toBeGreaterThan(0.8);
    const odds = wrongLogOdds(model, residuals),
      bayes = value.map((y, i) => Math.log((0.2 * normal(y, 1)) / (0.8 * normal(y - predicted[i], 0.1))));
    // Where it is open; what is far off is wrong by any odds.
    const open = Array.from(odds.keys()).filter(i => Math.abs(bayes[i]) < 2);
    expect(open.length).toBeGreaterThan(50);
    expect(Math.max(...open.map(i => Math.abs(odds[i] - bayes[i])))).toBeLessThan(0.6);
  });

  it("medians and scales are those of the textbooks, and follow a scatter that grows", () => {
    expect(weightedMedian([5, 1, 3])).toBe(3);
    expect(weightedMedian([5, 1, 3, 9])).toBe(4);
    expect(weightedMedian([5, 1, 3], [9, 1, 1])).toBe(5);
    expect(scaleOf([-1, 2, -3])).toBeCloseTo(2 * 1.4826, 3);
    expect(scaleOf([0, 0, 0, 4])).toBe(1);
    const random = stream(3, "growing"),
      at = Float64Array.from({ length: 2000 }, (_, i) => i / 1000),
      scale = localScale(
        at,
        at.map(x => (1 + x) * random.normal([1], 1).data[0]),
        new Float64Array(2000).fill(1),
      );
    for (const x of [0.3, 1, 1.7]) expect(Math.abs(scale(x) / (1 + x) - 1)).toBeLessThan(0.25);
  });

  it("errors before and after are roots of means, and their difference that of pairs", () => {
    const { before, after, gain } = pairedRoots(Float64Array.of(9, 9, 9, 9), Float64Array.of(1, 1, 1, 1), 1);
    expect([before, after, gain]).toEqual([3, 1, 2].map(value => ({ value, low: value, high: value })));
    const random = stream(6, "pairs"),
      squares = Float64Array.from({ length: 200 }, () => random.normal([1], 1).data[0] ** 2),
      { before: root, gain: none } = pairedRoots(squares, squares, 1);
    expect(none).toEqual({ value: 0, low: 0, high: 0 });
    // Of a normal distribution the root of the mean square of n has the deviation 1/√(2n).
    expect(root.high - root.low).toBeGreaterThan(0.14);
    expect(root.high - root.low).toBeLessThan(0.26);
  });

  it("what is suggested has digits that mean something", () => {
    expect(columnDecimals(Float64Array.of(3750, 3800, 4100))).toBe(0);
    expect(columnDecimals(Float64Array.of(1.25, 3, 2.5))).toBe(1);
    expect(sensible(4123.7, 300, 0)).toBe(4120);
    expect(sensible(4123.7, 4, 0)).toBe(4124);
    expect(sensible(0.123456, 0.02, 4)).toBe(0.123);
    expect(sensible(12.3456, 0.00001, 2)).toBe(12.35);
  });
});
