import { describe, expect, test } from "vitest";
import { carrying } from "../../src/core/estimators/carrying.js";
import { blockDefinitions } from "../../src/core/estimators/forward-definitions.js";
import { residualPullback, residualTangent } from "../../src/core/estimators/implicit-definitions.js";
import { outerLoss } from "../../src/core/problem/outer-loss.js";
import { deviation, passedOver, weightedPullback } from "../../src/core/estimators/stepwise-definitions.js";
import { estimatorSpellings, parseEstimator } from "../../src/core/estimators/index.js";
import type { Definition } from "../../src/core/problem/definitions.js";
import { pointOf } from "../support/estimates.js";
import { sampleWeights } from "../support/problems.js";
import type { Skip } from "./suites/estimator.js";
import { runEstimatorTests } from "./suites/estimator.js";

// One that is spelled is found here by its examples.
const further = [
  "truncated:0",
  "truncated:3:recompute",
  "head:3:checkpoint=2",
  "head:3:tail:3:checkpoint=4",
  "head:2:tail:1:residuals",
  "ufom:0.2:baseline=head:2:tail:1",
  "ufom:0.2:baseline=zero",
  "ufom:0.4:target=truncated:2:baseline=head:1",
  "ufom:1",
  "ufom:steps=7:first=6",
  "ufom:0.3:store",
  "ufom:0.3:checkpoint=2:baseline=first-order:mixed",
  "ufom:0.4:target=truncated:3:baseline=truncated:1",
  "ufom:0.4:target=first-order:mixed:baseline=truncated:3",
  "ufom:0.4:target=forward:baseline=implicit:neumann=3:tolerance=0.1",
  "es:1",
  "ufom:0.4:target=exact:baseline=es:2:sigma=0.1",
  "ufom:0.4:target=(ufom:0.5:baseline=truncated:1):baseline=zero",
  "ufom:0.4:target=ufom:steps=7:first=6",
  "ufom:0.4:baseline=soba:2",
  "ufom:0.4:baseline=reptile",
];

// What estimators run besides the definitions of sweeps.
const definitions: readonly Definition[] = [
  outerLoss,
  residualPullback,
  residualTangent,
  deviation,
  passedOver,
  weightedPullback,
  ...Array.from({ length: 20 }, (_, i) => Object.values(blockDefinitions(i + 1)) as Definition[]).flat(),
];
/** What estimators with a part in their names are let off. */
const skips: readonly (readonly [part: RegExp, skip: Skip])[] = [
  [/\bes:/, { reason: "its directions are normal numbers: test/core/evolution.test.ts has its mean", tests: ["mean"] }],
  [/^ufom:steps=3/, { reason: "2⁷ outcomes of 9 steps: test/core/stepwise-unbiased.test.ts sums over those of fewer", tests: ["mean"] }],
];

for (const name of [...estimatorSpellings.flatMap(({ examples }) => examples), ...further])
  runEstimatorTests({
    name,
    create: () => parseEstimator(name),
    definitions,
    skip: skips.flatMap(([part, skip]) => (part.test(name) ? [skip] : [])),
  });

// What solve makes of an estimator where φ is carried.
for (const name of [
  "exact",
  "exact:recompute",
  "first-order:mixed",
  "head:2:tail:1",
  "ufom:0.3",
  "ufom:steps=7:first=6",
  "ufom:0.3:baseline=zero",
])
  runEstimatorTests({
    name: `${name} (carried)`,
    create: () => carrying(parseEstimator(name), false),
    definitions,
    skip: [{ reason: "the problem asks for it, not the command", tests: ["spelling"] }],
  });

describe("first-order", () => {
  test("says why it makes no sense where θ enters inner steps only", async () => {
    const { compiled } = await pointOf(sampleWeights.problem);
    expect(() => parseEstimator("first-order").check!(compiled)).toThrow(
      /^ufom: first-order needs θ in the start or in the outer loss, as it drops all that reaches θ through inner steps \(first-order:mixed keeps it\); received a problem whose first-order gradient is zero: θ enters its inner steps only \(defineProblem, problems\.ts:\d+\)\.$/,
    );
    expect(() => parseEstimator("ufom:0.5:baseline=first-order").check!(compiled)).toThrow(/first-order/);
  });
});
