import { describe, expect, test } from "vitest";
import { stream } from "../../src/core/random/index.js";
import { optimalProbability, type TradeOff } from "../../src/core/theory/index.js";

/** What is minimised, as the method writes it. */
const time = ({ d2, v2, det, rnd, p }: TradeOff, q: number): number => (det + q * rnd) * (v2 + (1 / q - 1) * d2) ** p;

/** The best q of a dense grid: 4,000 points evenly in log q from `least`, and 4,000 evenly in q. */
function gridSearch(tradeOff: TradeOff, least: number): { q: number; time: number } {
  let best = { q: 1, time: time(tradeOff, 1) };
  const consider = (q: number): void => {
    const here = time(tradeOff, q);
    if (here < best.time) best = { q, time: here };
  };
  for (let i = 0; i < 4000; i++) consider(least ** (1 - i / 4000));
  for (let i = 0; i < 4000; i++) consider(least + (1 - least) * (i / 4000));
  return best;
}

/** No point of the grid is better, and the grid's best is nearly as good. */
function expectBest(tradeOff: TradeOff, q: number, least: number): void {
  const grid = gridSearch(tradeOff, least);
  const [found, label] = [time(tradeOff, q), JSON.stringify({ ...tradeOff, q, grid })];
  expect(q, label).toBeGreaterThanOrEqual(least);
  expect(q, label).toBeLessThanOrEqual(1);
  expect(found, label).toBeLessThanOrEqual(grid.time * (1 + 1e-12));
  expect(grid.time, label).toBeLessThanOrEqual(found * (1 + 1e-4));
}

const exponents = [0.5, 1, 2];

describe.each(exponents)("optimal q for p = %d", p => {
  test("equals a dense grid search on 400 random trade-offs, D² > V² among them", () => {
    const random = stream(4, "trade-off");
    let above = 0;
    for (let i = 0; i < 400; i++) {
      const power = (low: number, high: number): number => 10 ** (low + (high - low) * random.next());
      const tradeOff = { v2: power(-2, 2), d2: power(-3, 2), det: power(0, 2), rnd: power(-1, 4), p };
      if (tradeOff.d2 > tradeOff.v2) above++;
      expectBest(tradeOff, optimalProbability(tradeOff)!, 1e-7);
    }
    expect(above).toBeGreaterThan(50);
  });

  test("never below qMin, and best above it", () => {
    const random = stream(5, "trade-off");
    for (let i = 0; i < 200; i++) {
      const tradeOff = { v2: 10 ** (4 * random.next() - 2), d2: 10 ** (4 * random.next() - 3), det: 11, rnd: 10 ** (3 * random.next()), p };
      for (const qMin of [0.05, 0.5, 1]) expectBest(tradeOff, optimalProbability({ ...tradeOff, qMin }), qMin);
    }
  });

  test("with a C(1) of its own: no q of the grid is better, nor is 1", () => {
    const random = stream(6, "trade-off");
    let certain = 0;
    for (let i = 0; i < 200; i++) {
      const tradeOff = { v2: 1, d2: 10 ** (3 * random.next() - 2), det: 11, rnd: 20, p },
        one = 20 + 11 * random.next(),
        q = optimalProbability({ ...tradeOff, one })!,
        took = q === 1 ? one * tradeOff.v2 ** p : time(tradeOff, q);
      certain += Number(q === 1 && optimalProbability(tradeOff)! < 1);
      expect(took).toBeLessThanOrEqual(Math.min(gridSearch(tradeOff, 1e-7).time, one * tradeOff.v2 ** p) * (1 + 1e-12));
    }
    expect(certain).toBeGreaterThan(0);
  });

  test("V² = D², V² = 0, and extreme ratios", () => {
    const tradeOffs: Omit<TradeOff, "p">[] = [
      { v2: 1, d2: 1, det: 1, rnd: 100 },
      { v2: 1, d2: 1, det: 10, rnd: 1 },
      { v2: 0, d2: 1, det: 1, rnd: 100 },
      { v2: 1, d2: 1 + 1e-12, det: 1, rnd: 50 },
      { v2: 1, d2: 1 - 1e-12, det: 1, rnd: 50 },
      { v2: 1e-30, d2: 1e-31, det: 1e-6, rnd: 1e-3 },
      { v2: 1e30, d2: 3e29, det: 1e6, rnd: 1e8 },
    ];
    for (const tradeOff of tradeOffs) expectBest({ ...tradeOff, p }, optimalProbability({ ...tradeOff, p })!, 1e-7);
  });

  test("only the ratios of moments and of costs matter, down to the smallest numbers", () => {
    const q = optimalProbability({ v2: 4, d2: 1, det: 11, rnd: 65, p })!;
    expect(optimalProbability({ v2: 4e-200, d2: 1e-200, det: 11e100, rnd: 65e100, p })).toBeCloseTo(q, 12);
    expect(optimalProbability({ v2: 4e300, d2: 1e300, det: 11e-300, rnd: 65e-300, p })).toBeCloseTo(q, 12);
  });

  test("D² = 0: less is always better, so there is no minimiser but qMin", () => {
    const none = { v2: 3, d2: 0, det: 11, rnd: 65, p };
    expect(time(none, 1e-9)).toBeLessThan(time(none, 1e-3));
    expect(optimalProbability(none)).toBeUndefined();
    expect(optimalProbability({ ...none, qMin: 0.05 })).toBe(0.05);
    expect(optimalProbability({ ...none, v2: 0 })).toBeUndefined();
  });

  test("an exact gradient that costs nothing is always taken", () => {
    expect(optimalProbability({ v2: 3, d2: 1, det: 11, rnd: 0, p })).toBe(1);
    expect(optimalProbability({ v2: 3, d2: 0, det: 11, rnd: 0, p, qMin: 0.05 })).toBe(1);
  });
});

describe("optimal q", () => {
  test("closed forms: p = 1 is √(C_det D² / (C_rnd (V² − D²)))", () => {
    expect(optimalProbability({ v2: 5, d2: 1, det: 11, rnd: 110, p: 1 })).toBeCloseTo(Math.sqrt(11 / (110 * 4)), 14);
  });

  test("is 1 from the method's threshold on, for D² < V² or p ≥ 1, and below 1 before it", () => {
    const random = stream(6, "threshold");
    for (let i = 0; i < 300; i++) {
      const [det, rnd, p] = [1 + 10 * random.next(), 100 * random.next(), exponents[i % 3]];
      const threshold = rnd / (p * (det + rnd)); // of D²/V²
      if (p >= 1 || threshold < 0.99) expect(optimalProbability({ v2: 1, d2: threshold * (1 + 1e-9), det, rnd, p })).toBe(1);
      expect(optimalProbability({ v2: 1, d2: threshold * 0.99, det, rnd, p })).toBeLessThan(1);
    }
  });

  test("for p < 1 and D² > V² it can be small beyond that threshold: the root costs less than the end", () => {
    const tradeOff = { v2: 0.5, d2: 1, det: 1, rnd: 100, p: 0.5 };
    expect(tradeOff.d2).toBeGreaterThan((tradeOff.rnd * tradeOff.v2) / (tradeOff.p * (tradeOff.det + tradeOff.rnd)));
    const q = optimalProbability(tradeOff)!;
    expect(q).toBeCloseTo(0.0101, 4);
    expect(time(tradeOff, q)).toBeLessThan(0.3 * time(tradeOff, 1));
  });

  test.each([
    [{ d2: -1 }, "a non-negative D²; received -1."],
    [{ v2: NaN }, "a non-negative V²; received NaN."],
    [{ rnd: -1 }, "a non-negative C_rnd; received -1."],
    [{ det: 0 }, "a positive C_det; received 0."],
    [{ p: 0 }, "a positive exponent p; received 0."],
    [{ qMin: 0 }, "a probability in (0, 1]; received 0."],
  ])("refuses %j", (bad, sentence) => {
    expect(() => optimalProbability({ d2: 1, v2: 2, det: 1, rnd: 10, p: 1, ...bad })).toThrow(`ufom: optimalProbability wants ${sentence}`);
  });
});
