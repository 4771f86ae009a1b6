import { describe, expect, it } from "vitest";
import { pairedGain, wilson } from "../../cli/src/cleaning/held-out-accuracy.js";
import { checkedBins } from "../../cli/src/cleaning/reliability.js";
import { stream } from "../../src/core/random/index.js";

describe("shares and their intervals", () => {
  it("of a sample are Wilson's", () => {
    // Published: 8 of 10 lie in 0.490 … 0.943, and 0 of 10 in 0 … 0.278.
    const { value, low, high } = wilson(8, 10);
    expect([value, low, high].map(x => x.toFixed(3))).toEqual(["0.800", "0.490", "0.943"]);
    expect(wilson(0, 10).low).toBe(0);
    expect(wilson(0, 10).high).toBeCloseTo(0.278, 3);
  });
  it("of pairs hold the true difference in 19 of 20 samples", () => {
    const random = stream(1, "pairs");
    let held = 0;
    for (let k = 0; k < 400; k++) {
      const pairs = Array.from({ length: 200 }, () => random.next()),
        { low, high } = pairedGain(pairs.filter(u => u < 0.12).length, pairs.filter(u => u > 0.95).length, 200);
      if (low <= 0.07 && 0.07 <= high) held++;
    }
    expect(held / 400).toBeGreaterThan(0.92);
    expect(held / 400).toBeLessThan(0.98);
  });
  it("of pairs that never differ are not sure either", () => expect(pairedGain(0, 0, 50).high).toBeGreaterThan(0.03));
});

describe("a reliability diagram without known wrong rows", () => {
  const random = stream(2, "reliability"),
    n = 20_000,
    truth = Float64Array.from({ length: n }, () => random.next()),
    wrong = truth.map(p => Number(random.next() < p)),
    /** Trusted rows are right ones, some of all that there are. */
    right = truth.filter((_, i) => wrong[i] === 0 && random.next() < 0.2),
    share = wrong.filter(w => w === 0).length / n,
    binsOf = (say: (p: number) => number) =>
      checkedBins({ rows: truth.map(say), right: right.map(say), weights: new Float64Array(right.length).fill(share / right.length) });

  it("lies on the diagonal where probabilities hold", () => {
    const bins = binsOf(p => p);
    expect(bins).toHaveLength(10);
    for (const { mean, share: found, shareLow, shareHigh } of bins) {
      expect(Math.abs(found - mean)).toBeLessThan(0.06);
      expect(shareHigh - shareLow).toBeLessThan(0.2);
    }
    expect(bins.filter(({ mean, shareLow, shareHigh }) => shareLow <= mean && mean <= shareHigh).length).toBeGreaterThanOrEqual(8);
  });
  it("shows those that are too sure", () => {
    const bins = binsOf(p => Math.sqrt(p)),
      { mean, shareHigh } = bins.at(-2)!;
    expect(mean).toBeCloseTo(0.85, 1);
    // √p in [0.8, 0.9) is p in [0.64, 0.81).
    expect(shareHigh).toBeLessThan(mean - 0.05);
  });
  it("leaves out what a handful of trusted rows cannot tell", () => {
    const rows = Float64Array.from({ length: 100 }, (_, i) => (i < 90 ? 0.05 : 0.55)),
      some = { rows, right: new Float64Array(16).fill(0.05), weights: new Float64Array(16).fill(0.9 / 16) };
    // One trusted row stands for six rows: of the ten in the middle that says nothing.
    expect(checkedBins(some).map(({ low, share: found }) => [low, found])).toEqual([[0, 0]]);
  });
});
