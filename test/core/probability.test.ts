import { describe, expect, test } from "vitest";
import {
  adaptive,
  exact,
  fixed,
  optimal,
  recompute,
  sgd,
  solve,
  stream,
  ufom,
  type Costs,
  type Data,
  type Estimator,
  type Probability,
  type ProbabilitySample,
  type Seen,
} from "../../src/index.js";
import { maml } from "../support/scalar.js";
import { curves, rate, start, steps, twoParabolas } from "../support/two-parabolas.js";

/** A draw in which both gradients were computed, or only the baseline. */
const seen = (difference: number, target: number, deterministic = 1, random = 4): ProbabilitySample => ({
  ...unseen(deterministic, random),
  moments: { difference, target, inner: 0, baseline: 0 },
});
const unseen = (deterministic = 1, random = 4): ProbabilitySample => ({
  probability: 0.5,
  steps: 10,
  work: { deterministic, random },
  seconds: { deterministic: 3 * deterministic, random: 48 * random },
});
const after = <S extends Data>(probability: Probability<S>, ...samples: ProbabilitySample[]): S =>
  samples.reduce((state, sample) => probability.observe!(Object.freeze(state), sample), probability.init());

describe("adaptive", () => {
  test("by hand: decay ½ averages (3, 0) to D² = 1 and (3, 6) to V² = 5; with C_det = 1 and C_rnd = 4, q* = √(1·1 / (4·(5 − 1))) = ¼", () => {
    const chance = adaptive({ decay: 0.5 });
    expect(chance.next(after(chance, seen(3, 3), seen(0, 6)))).toBeCloseTo(0.25, 14);
  });

  test("by hand: of decay 0.99, a draw that was 69 draws ago counts 0.4998 of the last one", () => {
    const chance = adaptive(),
      // The first draw has D² = 1, the last none; both have V² = 9, those between nothing.
      draws = [seen(1, 9, 0, 0), ...Array.from({ length: 68 }, () => seen(0, 0, 0, 0)), seen(0, 9)];
    expect(chance.next(after(chance, ...draws))).toBeCloseTo(Math.sqrt(0.99 ** 69 / (4 * (0.99 ** 69 * 8 + 9))), 14);
    expect(0.99 ** 69).toBeCloseTo(0.4998, 4);
  });

  test("one sample counts in full, whatever the decay", () => {
    for (const decay of [0.1, 0.9, 0.999]) {
      const chance = adaptive({ decay });
      expect(chance.next(after(chance, seen(1, 5)))).toBeCloseTo(0.25, 14);
    }
  });

  test("costs are averaged too, by the programs' work or by the clock", () => {
    const chance = adaptive({ decay: 0.5 }),
      q = (det: number, rnd: number) => Math.sqrt(det / (rnd * 4));
    expect(chance.next(after(chance, seen(1, 5, 1, 4), seen(1, 5, 4, 10)))).toBeCloseTo(q(4.5, 12), 14);
    const byClock = adaptive({ costs: "seconds" });
    expect(byClock.next(after(byClock, seen(1, 5)))).toBeCloseTo(q(3, 192), 14);
  });

  test("is q_min before the first sample and never less; 1 where the difference rules", () => {
    const chance = adaptive({ qMin: 0.1 });
    expect(chance.next(chance.init())).toBe(0.1);
    expect(chance.next(after(chance, unseen(), unseen()))).toBe(0.1);
    expect(chance.next(after(chance, seen(1e-9, 5)))).toBe(0.1);
    expect(chance.next(after(chance, seen(0, 5)))).toBe(0.1);
    expect(chance.next(after(chance, seen(0, 0)))).toBe(0.1);
    expect(chance.next(after(chance, seen(7, 5)))).toBe(1);
  });

  test("p = 2 and p = ½: the root of the method's equation", () => {
    for (const p of [2, 0.5]) {
      const chance = adaptive({ p }),
        [d2, v2, det, rnd] = [0.5, 5, 1, 4],
        q = chance.next(after(chance, seen(d2, v2)));
      expect(Math.abs(rnd * (v2 - d2) * q * q + (1 - p) * rnd * d2 * q - p * det * d2)).toBeLessThan(1e-12);
    }
  });

  test("draws without the exact gradient leave it as it is; a square that overflows too", () => {
    const chance = adaptive(),
      state = after(chance, seen(1, 5));
    expect(chance.observe!(state, unseen())).toBe(state);
    expect(chance.observe!(state, seen(Infinity, 5))).toBe(state);
    expect(chance.observe!(state, seen(1, NaN))).toBe(state);
  });
});

describe("optimal", () => {
  test("is 1 for the pilot, then the optimum of the plain averages, and stays", () => {
    const chance = optimal({ pilot: 3 });
    let state = chance.init();
    for (const [d2, v2] of [
      [0, 3],
      [3, 3],
      [0, 9],
    ]) {
      expect(chance.next(state)).toBe(1);
      state = chance.observe!(state, seen(d2, v2));
    }
    expect(chance.next(state)).toBeCloseTo(0.25, 14);
    expect(chance.observe!(state, seen(100, 100))).toBe(state);
    expect(chance.next(after(chance, unseen(), unseen(), unseen()))).toBe(1);
  });

  test("is never below q_min", () => {
    const chance = optimal({ pilot: 1, qMin: 0.2 });
    expect(chance.next(after(chance, seen(1e-9, 1)))).toBe(0.2);
  });
});

test("fixed is what it is, and observes nothing", () => {
  const chance = fixed(0.3),
    state = chance.init();
  expect(chance.next(state)).toBe(0.3);
  expect([state, chance.observe]).toEqual([null, undefined]);
});

test("options outside their range", () => {
  for (const f of [
    () => fixed(0),
    () => fixed(1.5),
    () => fixed(NaN),
    () => adaptive({ decay: 1 }),
    () => adaptive({ qMin: 0 }),
    () => adaptive({ p: 0 }),
    () => optimal({ pilot: 0 }),
    () => optimal({ pilot: 2.5 }),
    () => optimal({ p: Infinity }),
    () => adaptive({ costs: "money" as "work" }),
  ]) {
    expect(f).toThrow(/^ufom: (ufom|adaptive|optimal) takes .*; received .*\.$/);
  }
});

/** Dear beside the baseline, so that q = 1 is not best. */
const target = exact(recompute);

/** The probability that costs least on a dense grid, from closed-form moments and the work that estimates report. */
async function bestOnGrid(p: number): Promise<number> {
  const each = curves.map(curve => maml(curve, start, rate, steps)),
    mean = (f: (e: (typeof each)[number]) => number) => each.reduce((sum, e) => sum + f(e), 0) / each.length;
  const d2 = mean(e => (e.exact - e.firstOrder) ** 2),
    v2 = mean(e => e.exact ** 2);
  let work: Costs | undefined;
  for await (const _ of solve(twoParabolas, {
    estimator: spy(ufom(optimal(), { target }), e => (work = e.work)),
    outer: sgd(0),
    outerSteps: 1,
  }));
  const { deterministic, random } = work!,
    grid = Array.from({ length: 20000 }, (_, i) => (i + 1) / 20000);
  const time = (q: number) => (deterministic + q * random) * (v2 + (1 / q - 1) * d2) ** p;
  return grid.reduce((best, q) => (time(q) < time(best) ? q : best));
}
const spy = (estimator: Estimator, onObserve: (e: Seen) => void): Estimator => ({
  ...estimator,
  observe(state, estimate) {
    onObserve(estimate);
    return estimator.observe!(state, estimate);
  },
});

describe("in a run, θ standing still", () => {
  test.each([1, 2])("p = %i: adaptive and optimal come to the optimum of the true moments", async p => {
    const best = await bestOnGrid(p),
      runs: [Estimator, number, number][] = [
        [ufom(adaptive({ p, decay: 0.998, qMin: 0.01 }), { target }), 6000, 0.05],
        [ufom(optimal({ p, pilot: 1500, qMin: 0.01 }), { target }), 1510, 0.05],
      ];
    expect(best).toBeGreaterThan(0.05);
    expect(best).toBeLessThan(0.95);
    for (const [estimator, outerSteps, tolerance] of runs) {
      let last = NaN;
      for await (const step of solve(twoParabolas, { estimator, outer: sgd(0), outerSteps, dtype: "float64" })) last = step.probability;
      expect(Math.abs(last - best) / best, estimator.name).toBeLessThan(tolerance);
    }
  });

  test("q_k follows from what was observed before step k; only draws with both gradients carry moments", async () => {
    const chance = adaptive({ decay: 0.9 }),
      observed: Seen[][] = [[]],
      probabilities: number[] = [];
    const run = solve(twoParabolas, {
      estimator: spy(ufom(chance), e => observed[observed.length - 1].push(e)),
      outer: sgd(1e-3),
      outerSteps: 60,
      metaBatch: 3,
    });
    for await (const { probability, exactDraws } of run) {
      probabilities.push(probability);
      const batch = observed[observed.length - 1];
      expect(batch).toHaveLength(3);
      expect(batch.filter(e => e.carry.moments)).toHaveLength(exactDraws);
      for (const [i, e] of batch.entries()) {
        expect(e.choice.exact).toBe("moments" in e.carry);
        expect([e.choice.exact, e.choice.probability]).toEqual([
          stream(1, "draw", probabilities.length, i).next() < probability,
          probability,
        ]);
      }
      observed.push([]);
    }
    let state = chance.init();
    for (const [k, q] of probabilities.entries()) {
      expect(q).toBe(chance.next(state));
      for (const { carry, work, seconds, steps } of observed[k]) {
        const [difference, target, inner, baseline] = carry.moments?.[0].data ?? [];
        state = chance.observe!(state, {
          probability: q,
          steps,
          moments: "moments" in carry ? { difference, target, inner, baseline } : undefined,
          work,
          seconds,
        });
      }
    }
    expect(new Set(probabilities).size).toBeGreaterThan(10);
  });
});
