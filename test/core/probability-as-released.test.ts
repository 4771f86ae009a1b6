// The adaptive probability of the released code, beside the right one.
import { describe, expect, test } from "vitest";
import {
  adaptive,
  adaptiveAsReleased,
  parseEstimator,
  sgd,
  solve,
  ufom,
  type Data,
  type Probability,
  type ProbabilitySample,
} from "../../src/index.js";
import { maml } from "../support/scalar.js";
import { curves, rate, start, steps, twoParabolas } from "../support/two-parabolas.js";

/** A draw in which both gradients were computed, or only the baseline. */
const unseen: ProbabilitySample = {
  probability: 0.5,
  steps: 10,
  work: { deterministic: 1, random: 4 },
  seconds: { deterministic: 1, random: 4 },
};
const seen = (difference: number, target: number): ProbabilitySample => ({
  ...unseen,
  moments: { difference, target, inner: 0, baseline: 0 },
});

/** Where a probability settles that sees the same D² = d and V² = 1 at each of many draws, of costs as they are charged for r steps. */
function settled<S extends Data>(chance: Probability<S>, d: number, r: number): number {
  let state = chance.init();
  const work = { deterministic: r + 1, random: r + (r * (r - 1)) / 2 };
  for (let k = 0; k < 5000; k++)
    state = chance.observe!(state, { ...seen(d, 1), probability: chance.next(state), steps: r, work, seconds: work });
  return chance.next(state);
}

describe("adaptive as it was released", () => {
  test("published: for a fixed D²/V² it settles at 0.14, 0.25, 0.37 where the right rule has 0.069, 0.274, 1", () => {
    const right = [0.01, 0.1, 0.5].map(d => settled(adaptive({ p: 2 }), d, 10)),
      released = [0.01, 0.1, 0.5].map(d => settled(adaptiveAsReleased(), d, 10));
    for (const [i, [q, wrong]] of [
      [0.069, 0.14],
      [0.274, 0.25],
      [1, 0.37],
    ].entries()) {
      expect(Math.abs(right[i] - q)).toBeLessThan(0.0005);
      expect(Math.abs(released[i] - wrong)).toBeLessThan(0.006);
    }
  });

  test("there it is the root of the method's equation for the difference after the mixing, a tenth of it: for any r, given or the problem's own", () => {
    for (const [d, r] of [
      [0.01, 10],
      [0.1, 10],
      [0.5, 10],
      [0.2, 3],
      [0.05, 40],
    ]) {
      const [det, rnd] = [r + 1, r + (r * (r - 1)) / 2];
      for (const q of [settled(adaptiveAsReleased(), d, r), settled(adaptiveAsReleased({ r }), d, 2)]) {
        const d2 = ((1 / q - 1) ** 2 * d) / 10;
        expect(q).toBeGreaterThan(0.05);
        expect(Math.abs(rnd * (1 - d2) * q * q - rnd * d2 * q - 2 * det * d2)).toBeLessThan(1e-9 * rnd);
      }
    }
  });

  test("by hand: a draw with q = ½ counts a tenth of its difference; with q = 1 nothing, whatever it is", () => {
    const chance = adaptiveAsReleased(),
      at = (probability: number, difference: number) =>
        chance.next(chance.observe!(chance.init(), { ...seen(difference, 1), probability, steps: 10 })),
      q = at(0.5, 2);
    expect(Math.abs(55 * 0.8 * q * q - 55 * 0.2 * q - 22 * 0.2)).toBeLessThan(1e-12);
    expect(at(1, 1e6)).toBe(0.05);
    expect(chance.next(chance.init())).toBe(0.05);
    const none = chance.init();
    for (const sample of [unseen, seen(Infinity, 1), seen(1, NaN)]) expect(chance.observe!(none, sample)).toBe(none);
  });

  test("as it is spelled, with a memory strategy or parts behind it; an option that is not its own is refused", () => {
    for (const name of [
      "ufom:adaptive:as-released",
      "ufom:adaptive:as-released:r=10",
      "ufom:adaptive:as-released:r=10:checkpoint=8",
      "ufom:adaptive:as-released:store:baseline=truncated:5",
    ])
      expect(parseEstimator(name).name).toBe(name);
    expect(() => parseEstimator("ufom:adaptive:as-released:p=1")).toThrow(
      "ufom: ufom:adaptive:as-released takes the options r; received p=1.",
    );
    expect(() => parseEstimator("ufom:adaptive:as-released:r=0.5")).toThrow(
      "ufom: adaptive:as-released takes an r of a whole number of at least 1; received 0.5.",
    );
    expect(() => parseEstimator("ufom:0.1:as-released")).toThrow(/^ufom: /);
  });

  test("in a run it sees the q that was drawn with", async () => {
    const q: number[] = [];
    for await (const { probability } of solve(twoParabolas, {
      estimator: ufom(adaptiveAsReleased()),
      outer: sgd(0),
      outerSteps: 400,
      metaBatch: 5,
    }))
      q.push(probability);
    const each = curves.map(curve => maml(curve, start, rate, steps)),
      mean = (f: (e: (typeof each)[number]) => number) => each.reduce((sum, e) => sum + f(e), 0) / each.length,
      ratio = mean(e => (e.exact - e.firstOrder) ** 2) / mean(e => e.exact ** 2),
      late = q.slice(200).reduce((sum, x) => sum + x, 0) / 200;
    expect(Math.abs(late - settled(adaptiveAsReleased(), ratio, steps))).toBeLessThan(0.03);
  });
});
