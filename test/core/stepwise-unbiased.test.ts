// Stepwise UFOM: all 2^r outcomes of the coins, weighted by their probabilities, sum to the exact gradient.
import { describe, expect, test } from "vitest";
import { exact } from "../../src/index.js";
import { stepwise } from "../../src/core/estimators/stepwise.js";
import { gradientAt, meanAt, pointOf } from "../support/estimates.js";
import { distance } from "../support/gradients.js";
import { namedAdam, namedMomentum } from "../support/named-optimizers.js";
import { adamInside, everywhere, initialization, sampleWeights, stepRates } from "../support/problems.js";

describe("the outcomes of all coins, weighted by their probabilities, sum to the exact gradient to rounding", () => {
  test.each([initialization, everywhere, sampleWeights, stepRates, adamInside, namedMomentum, namedAdam])("$name", async ({ problem }) => {
    const innerSteps = Math.min(problem.steps, 5),
      point = await pointOf(problem, { innerSteps }),
      expected = await gradientAt(point, exact());
    for (const estimator of [stepwise(2), stepwise(2.5, { first: 2 }), stepwise(99)])
      expect(distance(await meanAt(point, estimator), expected), estimator.name).toBeLessThan(1e-12);
  });
});
