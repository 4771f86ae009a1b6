import { describe, expect, test } from "vitest";
import { stream } from "../../src/core/random/index.js";
import {
  optimalStepProbabilities,
  secondMoment,
  stepwiseCost,
  stepwiseFactor,
  stepwiseGuardBound,
  stepwiseSecondMoment,
} from "../../src/core/theory/index.js";

/** An inner loop on a quadratic: α_j λ of each step, for each eigenvector, and the part of u_r along it. */
interface Quadratic {
  readonly steps: readonly (readonly number[])[];
  readonly u: readonly number[];
}

const quadratic = (seed: number, r: number, most = 0.3): Quadratic => {
  const random = stream(seed, "quadratic"),
    lambda = Array.from({ length: 4 }, () => random.next()),
    rates = Array.from({ length: r }, () => most * random.next());
  return { steps: rates.map(rate => lambda.map(l => rate * l)), u: Array.from(random.normal([4]).data) };
};

/** û₀ for coins that fell. */
const swept = ({ steps, u }: Quadratic, p: readonly number[], fell: (j: number) => boolean): number[] =>
  u.map((x, m) => steps.reduceRight((v, lambdas, j) => v * (1 - (fell(j) ? lambdas[m] / p[j] : 0)), x));

const square = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x * x, 0);

/** E‖û₀‖² over all outcomes. */
function momentOf(q: Quadratic, p: readonly number[]): number {
  let sum = 0;
  for (let coins = 0; coins < 2 ** p.length; coins++) {
    const fell = (j: number) => ((coins >> j) & 1) === 1,
      chance = p.reduce((product, x, j) => product * (fell(j) ? x : 1 - x), 1);
    if (chance > 0) sum += chance * square(swept(q, p, fell));
  }
  return sum;
}

/** a_j²: what is lost of û₀ where step j alone is left out. */
const effects = (q: Quadratic): number[] => {
  const ones = q.steps.map(() => 1),
    exact = swept(q, ones, () => true);
  return q.steps.map((_, j) => square(swept(q, ones, i => i !== j).map((x, m) => x - exact[m])));
};
const exactMoment = (q: Quadratic) =>
  momentOf(
    q,
    q.steps.map(() => 1),
  );

describe("the second moment of a coin a step, on quadratics", () => {
  test("is the product of the factors of the steps, for every eigenvector: all outcomes summed", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const q = quadratic(seed, 6, 1),
        random = stream(seed, "p"),
        p = q.steps.map(() => 1 - 0.9 * random.next()),
        factors = q.u.map((x, m) => q.steps.reduce((product, lambdas, j) => product * stepwiseFactor(lambdas[m], p[j]), x * x));
      expect(momentOf(q, p) / factors.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
    }
  });

  test("the first order is what is left of it as the steps get smaller: the error falls with their square", () => {
    const [coarse, fine] = [0.08, 0.02].map(most => {
      const q = quadratic(3, 5, most),
        p = q.steps.map((_, j) => 0.2 + 0.15 * j),
        v2 = exactMoment(q),
        excess = momentOf(q, p) - v2;
      return Math.abs(stepwiseSecondMoment(v2, effects(q), p) - v2 - excess) / v2;
    });
    expect(fine).toBeGreaterThan(0);
    // The excess is of second order in the steps, and what two coins do together of fourth.
    expect(coarse / fine).toBeGreaterThan(150);
  });

  test("with all p_j = 1 nothing is added", () => {
    expect(stepwiseSecondMoment(3, [1, 2], [1, 1])).toBe(3);
    expect(stepwiseCost({ det: 3, product: 2 }, [1, 1])).toBe(7);
  });
});

describe("the best probabilities", () => {
  const timeOf = (v2: number, a2: readonly number[], det: number, product: number) => (p: readonly number[]) =>
    stepwiseCost({ det, product }, p) * stepwiseSecondMoment(v2, a2, p);
  const grid = Array.from({ length: 40 }, (_, i) => (i + 1) / 40);

  test("no point of a grid costs less, and one nearly as little: quadratics of three steps", () => {
    for (let seed = 1; seed <= 6; seed++) {
      const q = quadratic(seed, 3, seed % 3 === 0 ? 1.5 : 0.3),
        a2 = effects(q),
        [v2, det, product] = [exactMoment(q), 4, 0.5 + (seed % 4)],
        time = timeOf(v2, a2, det, product),
        found = time(optimalStepProbabilities({ v2, a2, det, product, least: 1 / 40 }));
      let least = Infinity;
      for (const x of grid) for (const y of grid) for (const z of grid) least = Math.min(least, time([x, y, z]));
      expect(found).toBeLessThanOrEqual(least * (1 + 1e-12));
      expect(least / found).toBeLessThan(1.02);
    }
  });

  test("on small steps they are best for all orders of the second moment too, to a few per cent", () => {
    for (let seed = 1; seed <= 2; seed++) {
      const q = quadratic(seed, 3, 0.15),
        v2 = exactMoment(q),
        [det, product] = [4, 2],
        time = (p: readonly number[]) => stepwiseCost({ det, product }, p) * momentOf(q, p),
        found = time(optimalStepProbabilities({ v2, a2: effects(q), det, product, least: 0.05 }));
      let least = Infinity;
      const coarse = grid.filter((_, i) => i % 2 === 1);
      for (const x of coarse) for (const y of coarse) for (const z of coarse) least = Math.min(least, time([x, y, z]));
      expect(found / least).toBeLessThan(1.03);
    }
  });

  test("are one number times a_j, cut off at the guard and at 1, and that number is √(C/(c_H W))", () => {
    const random = stream(1, "best");
    for (let i = 0; i < 60; i++) {
      const r = 1 + random.integer(30),
        a2 = Array.from({ length: r }, () => random.next() ** 4),
        [v2, det, product] = [3 * random.next(), 1 + r, 3 * random.next() + 0.01],
        least = Array.from({ length: r }, () => 0.01 + 0.3 * random.next()),
        p = optimalStepProbabilities({ v2, a2, det, product, least }),
        s = Math.sqrt(stepwiseCost({ det, product }, p) / (product * stepwiseSecondMoment(v2, a2, p)));
      for (const [j, x] of p.entries()) expect(x).toBeCloseTo(Math.min(1, Math.max(least[j], s * Math.sqrt(a2[j]))), 9);
      // No small move of one of them costs less.
      const time = timeOf(v2, a2, det, product),
        best = time(p);
      for (const [j, x] of p.entries())
        for (const moved of [x * 0.99, x * 1.01])
          if (moved <= 1 && moved >= least[j])
            expect(time(p.map((y, k) => (k === j ? moved : y)))).toBeGreaterThanOrEqual(best * (1 - 1e-12));
    }
  });

  test("at the ends: free products are all taken, tiny ones hardly, and scale plays no part", () => {
    expect(optimalStepProbabilities({ v2: 1, a2: [1, 1e-9], det: 1, product: 0 })).toEqual([1, 1]);
    const [large, small] = optimalStepProbabilities({ v2: 1, a2: [4, 1e-8], det: 10, product: 1 });
    expect(large).toBe(1);
    expect(small).toBeLessThan(1e-3);
    const one = { v2: 2, a2: [0.5, 0.1, 0.02], det: 4, product: 2 },
      tiny = { ...one, v2: 2e-300, a2: one.a2.map(x => x * 1e-300) };
    optimalStepProbabilities(tiny).forEach((p, j) => expect(p).toBeCloseTo(optimalStepProbabilities(one)[j], 12));
    expect(optimalStepProbabilities({ v2: 0, a2: [0, 0], det: 1, product: 1, least: 0.1 })).toEqual([1, 1]);
    expect(optimalStepProbabilities({ v2: 1, a2: [0, 0], det: 1, product: 1, least: [0.1, 3] })).toEqual([0.1, 1]);
  });

  test("at equal products one coin for the whole sweep has r times the variance", () => {
    // r equal steps of size 1/r: a_j² = V²/r², D² = V².
    for (const r of [10, 100]) {
      const products = 5,
        a2 = Array.from({ length: r }, () => 1 / r ** 2),
        p = a2.map(() => products / r),
        stepwise = stepwiseSecondMoment(1, a2, p) - 1,
        oneCoin = secondMoment(1, 1, products / r) - 1;
      expect(oneCoin / stepwise).toBeCloseTo(r, 9);
      expect(stepwise).toBeLessThan(1 / products);
    }
  });
});

describe("the guard p_j ≥ κ‖A_j‖", () => {
  test("keeps the second moment below its bound, and without negative curvature from growing", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = stream(seed, "guard"),
        [r, kappa] = [6, 0.5 + random.next()],
        convex = seed % 2 === 0,
        steps = Array.from({ length: r }, () => Array.from({ length: 4 }, () => (convex ? 0 : -0.2) + 0.6 * random.next())),
        p = steps.map(lambdas => Math.min(1, kappa * Math.max(...lambdas.map(Math.abs)))),
        q = { steps, u: Array.from(random.normal([4]).data) },
        bound = stepwiseGuardBound(
          kappa,
          steps.map(lambdas => Math.max(0, -Math.min(...lambdas))),
        );
      expect(momentOf(q, p)).toBeLessThanOrEqual(bound * square(q.u) * (1 + 1e-12));
      if (convex) expect(bound).toBe(1);
    }
  });

  test("is needed: below half of it a step expands, exponentially in their number", () => {
    expect(stepwiseFactor(0.5, 0.24)).toBeGreaterThan(1);
    expect(stepwiseFactor(0.5, 0.5)).toBeLessThan(1);
    expect(stepwiseFactor(0.5, 0.1) ** 40).toBeGreaterThan(1e9);
  });
});

test("what cannot be meant is refused", () => {
  const said = (f: () => unknown) => {
    try {
      f();
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing";
  };
  const good = { v2: 1, a2: [1, 1], det: 1, product: 1 };
  expect([
    said(() => stepwiseSecondMoment(1, [1], [1, 1])),
    said(() => stepwiseSecondMoment(1, [-1], [1])),
    said(() => stepwiseSecondMoment(1, [1], [0])),
    said(() => stepwiseCost({ det: 1, product: -1 }, [1])),
    said(() => stepwiseFactor(NaN, 1)),
    said(() => stepwiseGuardBound(0.4, [0])),
    said(() => optimalStepProbabilities({ ...good, det: 0 })),
    said(() => optimalStepProbabilities({ ...good, least: [0.1] })),
    said(() => optimalStepProbabilities({ ...good, least: -0.1 })),
    said(() => optimalStepProbabilities({ ...good, a2: [1, 0] })),
  ]).toMatchInlineSnapshot(`
    [
      "ufom: stepwiseSecondMoment wants a probability for each a_j²; received 1 moments and 2 probabilities.",
      "ufom: stepwiseSecondMoment wants a non-negative a_j²; received -1.",
      "ufom: stepwiseSecondMoment wants a probability in (0, 1]; received 0.",
      "ufom: stepwiseCost wants a non-negative cost of a product; received -1.",
      "ufom: stepwiseFactor wants a finite eigenvalue; received NaN.",
      "ufom: stepwiseGuardBound wants a κ of at least ½, below which positive curvature expands too; received 0.4.",
      "ufom: optimalStepProbabilities wants a positive C_det; received 0.",
      "ufom: optimalStepProbabilities wants a least probability for each a_j²; received 2 moments and 1 of these.",
      "ufom: optimalStepProbabilities wants least probabilities of at least 0; received -0.1.",
      "ufom: optimalStepProbabilities wants a least probability above 0 for a step that adds nothing, as less is always better there; received a_2² = 0.",
    ]
  `);
});
