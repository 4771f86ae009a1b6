import { describe, expect, it } from "vitest";
import { bestCut } from "../../cli/src/cleaning/cut.js";
import { averagePrecision, calibrationError, f1Score, reliability } from "../../cli/src/cleaning/metrics.js";
import { sigmoid, softplus } from "../../cli/src/cleaning/numbers.js";
import { atSteps, fitIsotonic, fitLogistic, logOdds } from "../../cli/src/cleaning/right-rows.js";
import { stream } from "../../src/core/random/index.js";

const columns = (...all: readonly Float64Array[]) => {
  const [n, width] = [all[0].length, all.length],
    data = new Float64Array(n * width);
  for (let i = 0; i < n; i++) all.forEach((column, k) => (data[i * width + k] = column[i]));
  return { data, n, width };
};

describe("p_wrong from rows of which none is known to be wrong", () => {
  const random = stream(6, "right rows test"),
    normal = (n: number) => Float64Array.from(random.normal([n]).data),
    [n, m, share] = [8000, 4000, 0.3];
  const wrong = Uint8Array.from({ length: n }, () => Number(random.next() < share)),
    rows = columns(normal(n).map((x, i) => x + 2 * wrong[i])),
    right = { features: columns(normal(m)), weights: new Float64Array(m).fill((1 - share) / m) };
  /** log-odds of N(2, 1) with share 0.3 against N(0, 1): 2x − 2 + log(0.3/0.7). */
  const truth = rows.data.map(x => sigmoid(2 * x - 2 + Math.log(share / (1 - share))));

  it("is Bayes's, where right rows look like trusted ones", () => {
    const w = fitLogistic(rows, right, 0),
      p = logOdds(rows, w).map(sigmoid);
    expect(Math.abs(w[0] - 2)).toBeLessThan(0.2);
    expect(Math.abs(w[1] - (-2 + Math.log(share / (1 - share))))).toBeLessThan(0.25);
    expect(p.reduce((worst, q, i) => Math.max(worst, Math.abs(q - truth[i])), 0)).toBeLessThan(0.05);
    expect(calibrationError(p, wrong)).toBeLessThan(0.02);
    // All rows being wrong with the same probability is no better guess than that.
    expect(calibrationError(p.fill(0.6), wrong)).toBeGreaterThan(0.25);
  });

  it("is where the risk is least, and matches what right rows add up to", () => {
    const both = columns(rows.data, rows.data.map(Math.sin)),
      known = { features: columns(right.features.data, right.features.data.map(Math.sin)), weights: right.weights };
    const ridge = 0.01,
      w = fitLogistic(both, known, ridge);
    const risk = (v: Float64Array): number => {
      let total = (ridge / 2) * (v[0] ** 2 + v[1] ** 2);
      for (const z of logOdds(both, v)) total += softplus(-z) / n;
      logOdds(known.features, v).forEach((z, i) => (total += known.weights[i] * z));
      return total;
    };
    for (let k = 0; k < 3; k++) {
      for (const h of [-0.01, 0.01]) {
        expect(risk(w.map((x, l) => (l === k ? x + h : x)))).toBeGreaterThan(risk(w));
      }
    }
    const mass = logOdds(both, w).reduce((sum, z) => sum + 1 - sigmoid(z), 0);
    expect(mass / n).toBeCloseTo(1 - share, 5);
  });

  it("is a rising step function, by hand", () => {
    // Four rows, two right ones that stand for one row each: 1 and 2 share both of them, 3 and 4 have none.
    const steps = fitIsotonic(Float64Array.of(1, 2, 3, 4), Float64Array.of(1.5, 2.5), Float64Array.of(0.25, 0.25));
    expect(Array.from(steps.starts)).toEqual([1, 3]);
    expect(Array.from(steps.values)).toEqual([0.25, 0.75]);
    expect(Array.from(atSteps(steps, Float64Array.of(0, 1, 2.9, 3, 9)))).toEqual([0.25, 0.25, 0.25, 0.75, 0.75]);
    // A right row before all others belongs to none.
    const before = fitIsotonic(Float64Array.of(1, 2), Float64Array.of(0, 1), Float64Array.of(0.5, 0.25));
    expect(Array.from(before.starts)).toEqual([1, 2]);
    expect(before.values[0]).toBeCloseTo(0.5, 12);
  });

  it("is calibrated as a step function too", () => {
    const p = atSteps(fitIsotonic(rows.data, right.features.data, right.weights), rows.data);
    expect(calibrationError(p, wrong)).toBeLessThan(0.03);
    const order = Array.from(rows.data.keys()).sort((a, b) => rows.data[a] - rows.data[b]);
    expect(order.every((i, at) => at === 0 || p[i] >= p[order[at - 1]])).toBe(true);
  });
});

describe("the cut", () => {
  it("is where the expected F1 is largest, by trying all", () => {
    const random = stream(8, "cut test");
    for (let round = 0; round < 20; round++) {
      const p = Float64Array.from({ length: 40 }, () => Math.round(20 * random.next() ** (1 + round / 4)) / 20),
        total = p.reduce((a, b) => a + b),
        expected = (t: number): number => {
          const called = p.filter(x => x >= t);
          return (2 * called.reduce((a, b) => a + b, 0)) / (called.length + total);
        };
      const best = Math.max(...p.filter(t => t >= 0.25).map(expected), 0);
      expect(expected(bestCut(p))).toBeCloseTo(best, 12);
    }
  });

  it("calls no row a suspect that is hardly one", () => {
    expect(bestCut(new Float64Array(100).fill(0.1))).toBe(Infinity);
    expect(bestCut(Float64Array.of(1, 1, 0, 0))).toBe(1);
    expect(bestCut(new Float64Array(3).fill(0.4))).toBe(0.4);
  });
});

describe("metrics, by hand", () => {
  it("precision, recall and F1", () => {
    expect(f1Score([1, 1, 1, 0], [1, 0, 0, 1])).toEqual({ precision: 1 / 3, recall: 1 / 2, f1: 2 / 5 });
    expect(f1Score([0, 0], [0, 0])).toEqual({ precision: 0, recall: 0, f1: 0 });
  });

  it("average precision, with ties counted together", () => {
    expect(averagePrecision(Float64Array.of(0.9, 0.8, 0.7, 0.6), [1, 0, 1, 0])).toBeCloseTo(0.5 + 0.5 * (2 / 3), 12);
    expect(averagePrecision(Float64Array.of(1, 1, 0), [0, 1, 0])).toBeCloseTo(0.5, 12);
    expect(averagePrecision(Float64Array.of(1, 2), [0, 0])).toBe(0);
  });

  it("reliability and calibration error", () => {
    const p = Float64Array.of(0.1, 0.1, 0.1, 0.9, 1),
      wrong = [0, 0, 1, 1, 1];
    const bins = reliability(p, wrong, 2);
    expect(bins.map(({ count }) => count)).toEqual([3, 2]);
    expect(bins[0].mean).toBeCloseTo(0.1, 12);
    expect(bins[0].share).toBeCloseTo(1 / 3, 12);
    expect(calibrationError(p, wrong, 2)).toBeCloseTo((3 / 5) * (1 / 3 - 0.1) + (2 / 5) * 0.05, 12);
  });
});
