import { describe, expect, test } from "vitest";
import { checkpoint, exact, firstOrder, recompute, store, truncated, ufom } from "../../src/index.js";
import type { SweepEstimator } from "../../src/core/estimators/index.js";
import { estimateAt, gradientAt, outcomeOf, outcomes, pointOf } from "../support/estimates.js";
import { distance, norm } from "../support/gradients.js";
import { adamInside, everywhere, initialization, samples, sampleWeights } from "../support/problems.js";

const probabilities = [0.01, 0.3, 0.9, 1];
const baselines: readonly SweepEstimator[] = [firstOrder(), firstOrder({ mixed: true }), truncated(0), truncated(2), truncated(99)];
const targets: readonly SweepEstimator[] = [
  exact(recompute),
  exact(store),
  exact(checkpoint(2)),
  truncated(3),
  firstOrder({ mixed: true }),
];

describe("the outcomes of UFOM, weighted by their probabilities, sum to the exact gradient to rounding", () => {
  test.each(samples)("$name", async ({ problem }) => {
    const point = await pointOf(problem),
      expected = await gradientAt(point, exact());
    for (const q of probabilities) {
      const { mean } = await outcomes(point, ufom(q));
      expect(distance(mean, expected), `q = ${q}`).toBeLessThan(1e-13 / q);
    }
  });

  test.each([initialization, everywhere, sampleWeights, adamInside])(
    "$name: to the target, for every baseline and every target",
    async ({ problem }) => {
      const point = await pointOf(problem);
      for (const target of targets) {
        const expected = await gradientAt(point, target);
        for (const baseline of baselines) {
          if (baseline.name === "first-order" && point.compiled.programs.firstOrderVanishes) continue;
          const { mean } = await outcomes(point, ufom(0.2, { target, baseline }));
          expect(distance(mean, expected), `${target.name} with ${baseline.name}`).toBeLessThan(1e-12);
        }
      }
    },
  );

  test("in float32 to its rounding", async () => {
    const point = await pointOf(everywhere.problem, { dtype: "float32" }),
      { mean } = await outcomes(point, ufom(0.3));
    expect(distance(mean, await gradientAt(point, exact()))).toBeLessThan(2e-6);
  });
});

describe("the outcomes themselves", () => {
  test("without the target: the baseline, bit for bit", async () => {
    const point = await pointOf(everywhere.problem);
    for (const baseline of baselines) {
      expect(await gradientAt(point, ufom(0.3, { baseline }), outcomeOf(ufom(0.3, { baseline }), point.theta, false))).toEqual(
        await gradientAt(point, baseline),
      );
    }
  });

  test("with the target: B + (E − B)/q, which is E itself for q = 1", async () => {
    const point = await pointOf(everywhere.problem),
      b = await gradientAt(point, firstOrder()),
      e = await gradientAt(point, exact());
    const { exact: outcome } = await outcomes(point, ufom(0.25));
    expect(
      distance(
        outcome,
        b.map((x, i) => x + 4 * (e[i] - x)),
      ),
    ).toBeLessThan(1e-14);
    expect((await outcomes(point, ufom(1))).exact).toEqual(e);
  });

  test("the baseline is first-order, and keeps the mixed part where plain first-order vanishes", async () => {
    const cheap = async (problem: typeof everywhere.problem, baseline?: SweepEstimator) => {
      const point = await pointOf(problem);
      return baseline ? gradientAt(point, baseline) : gradientAt(point, ufom(0.5), outcomeOf(ufom(0.5), point.theta, false));
    };
    expect(await cheap(everywhere.problem)).toEqual(await cheap(everywhere.problem, firstOrder()));
    expect(await cheap(sampleWeights.problem)).toEqual(await cheap(sampleWeights.problem, firstOrder({ mixed: true })));
  });
});

describe("E‖G‖² = ‖E‖² + (1/q − 1)‖E − B‖²", () => {
  test.each([initialization, everywhere, sampleWeights])("$name", async ({ problem }) => {
    const square = (v: readonly number[]) => norm(v) ** 2;
    for (const seed of [1, 2, 3]) {
      const point = await pointOf(problem, { seed }),
        e = await gradientAt(point, exact());
      for (const baseline of [firstOrder({ mixed: true }), truncated(2)]) {
        const b = await gradientAt(point, baseline),
          difference = square(e.map((x, i) => x - b[i]));
        for (const q of probabilities) {
          const estimator = ufom(q, { baseline }),
            { exact: with_, cheap } = await outcomes(point, estimator);
          const second = q * square(with_) + (1 - q) * square(cheap),
            expected = square(e) + (1 / q - 1) * difference;
          expect(Math.abs(second - expected)).toBeLessThan(1e-12 * expected);
        }
        const { carry } = await estimateAt(point, ufom(0.5, { baseline })),
          seen = [...carry.moments[0].data],
          direct = [difference, square(e), e.reduce((sum, x, i) => sum + x * b[i], 0), square(b)];
        expect(distance(seen, direct)).toBeLessThan(1e-13);
      }
    }
  });
});
