import { describe, expect, it } from "vitest";
import { adjustedMargin, confidentJoint, prune } from "../../cli/src/cleaning/confident-joint.js";
import type { ConfidentJoint } from "../../cli/src/cleaning/confident-joint.js";
import { bestTemperature, cool, meanLoss, noisyEvidence, plainEvidence } from "../../cli/src/cleaning/cross-fit.js";
import { trustedWeights } from "../../cli/src/cleaning/combine.js";
import { dealFolds } from "../../cli/src/cleaning/folds.js";
import { largestEigenvalue } from "../../cli/src/cleaning/methods/hyper-cleaning.js";
import { fitTransition, goldTransition, jointTransition, judge, posterior, wrongShare } from "../../cli/src/cleaning/transition.js";
import { stream } from "../../src/core/random/index.js";

/** Seven rows of three classes, by hand: thresholds 1/2, 3/5, 1/2. */
const p = Float64Array.of(
  ...[0.8, 0.1, 0.1], // given 0, confidently 0
  ...[0.6, 0.3, 0.1], // given 0, confidently 0
  ...[0.1, 0.8, 0.1], // given 0, confidently 1
  ...[0.2, 0.7, 0.1], // given 1, confidently 1
  ...[0.3, 0.5, 0.2], // given 1, no class reaches its threshold
  ...[0.1, 0.2, 0.7], // given 2, confidently 2
  ...[0.6, 0.1, 0.3], // given 2, confidently 0
);
const given = Int32Array.of(0, 0, 0, 1, 1, 2, 2);

/** Numbers are near each other. */
const near = (found: ArrayLike<number>, expected: readonly number[], digits = 12): void => {
  expect(found.length).toBe(expected.length);
  expected.forEach((x, i) => expect(found[i]).toBeCloseTo(x, digits));
};

describe("confident learning, by hand", () => {
  const found = confidentJoint(p, given, 3);

  it("has thresholds, counts and the joint of the paper", () => {
    near(found.thresholds, [0.5, 0.6, 0.5]);
    expect(Array.from(found.confident)).toEqual([0, 0, 1, 1, -1, 2, 0]);
    expect(Array.from(found.counts)).toEqual([2, 1, 0, 0, 1, 0, 1, 0, 1]);
    near(found.joint, [2 / 7, 1 / 7, 0, 0, 2 / 7, 0, 1 / 7, 0, 1 / 7]);
  });

  it.each(["confident-joint", "class", "noise-rate", "both"] as const)("prunes by %s", how => {
    expect(Array.from(prune(p, given, 3, found, how))).toEqual([0, 0, 1, 0, 0, 0, 1]);
  });

  it("prunes by class the least likely label, by noise rate the largest margin, and both where they agree", () => {
    const q = Float64Array.of(0.3, 0.35, 0.35, 0.35, 0.6, 0.05, 0.9, 0.05, 0.05),
      joint = new Float64Array(9);
    joint[1] = 1 / 3; // One of three rows that were given 0 is a 1.
    const made: ConfidentJoint = { thresholds: new Float64Array(3), counts: joint, joint, confident: new Int32Array(3) };
    const by = (how: "class" | "noise-rate" | "both") => Array.from(prune(q, new Int32Array(3), 3, made, how));
    expect([by("class"), by("noise-rate"), by("both")]).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]);
  });

  it("of equally likely classes, of two above their thresholds, the likelier is confident; a label that nobody has is no class", () => {
    const two = confidentJoint(Float64Array.of(0.5, 0.5, 0, 0.4, 0.6, 0), Int32Array.of(0, 1), 3);
    expect(Array.from(two.confident)).toEqual([0, 1]);
    expect(two.thresholds[2]).toBe(Infinity);
    near(two.joint, [0.5, 0, 0, 0, 0.5, 0, 0, 0, 0]);
  });

  it("ranks by the margin beyond the thresholds", () => {
    // Row 4: 0.3 − 0.5, 0.5 − 0.6, 0.2 − 0.5; the label is 1.
    expect(adjustedMargin(p, 4, 1, found.thresholds)).toBeCloseTo(-0.2 - -0.1, 12);
    expect(adjustedMargin(p, 6, 2, found.thresholds)).toBeCloseTo(0.1 - -0.2, 12);
  });
});

describe("a noise model", () => {
  const matrix = Float64Array.of(0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0, 0.5, 0.5),
    prior = Float64Array.of(0.5, 0.3, 0.2);

  it("has the posterior of Bayes", () => {
    const logP = Float64Array.of(0.7, 0.2, 0.1).map(Math.log);
    near(posterior(logP, 0, 1, { matrix, prior }), [0.07 / 0.26, 0.14 / 0.26, 0.05 / 0.26]);
    const judged = judge(logP, 0, 1, { matrix, prior });
    expect(judged.wrong).toBeCloseTo(Math.log(0.12 / 0.14), 12);
    expect(judged.other).toBe(0);
    expect(wrongShare({ matrix, prior })).toBeCloseTo(0.5 * 0.2 + 0.3 * 0.3 + 0.2 * 0.5, 12);
  });

  it("starts from what a classifier of given labels says at trusted rows, or from the joint", () => {
    near(goldTransition(p.map(Math.log), Int32Array.of(0, 0, 1, 1, 1, 2, 2), 3).slice(0, 3), [0.7, 0.2, 0.1]);
    near(jointTransition(confidentJoint(p, given, 3).joint, 3), [2 / 3, 0, 1 / 3, 1 / 3, 2 / 3, 0, 0, 0, 1]);
  });

  it("is found again from probabilities and given labels, wherever it starts", () => {
    const random = stream(3, "transition test"),
      n = 6000,
      logP = new Float64Array(3 * n),
      labels = new Int32Array(n);
    const draw = (weights: ArrayLike<number>): number => {
      let x = random.next();
      for (let k = 0; ; k++) if (k === 2 || (x -= weights[k]) < 0) return k;
    };
    for (let i = 0; i < n; i++) {
      const row = Float64Array.from({ length: 3 }, () => Math.exp(2.5 * (random.next() + random.next() + random.next() - 1.5) * 2)),
        total = row[0] + row[1] + row[2],
        probabilities = row.map(x => x / total),
        y = draw(probabilities);
      labels[i] = draw(matrix.subarray(3 * y, 3 * y + 3));
      logP.set(probabilities.map(Math.log), 3 * i);
    }
    const third = new Float64Array(9).fill(1 / 3),
      found = fitTransition(logP, labels, 3, { start: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), rounds: 500 }),
      again = fitTransition(logP, labels, 3, { start: Float64Array.from(third, (t, k) => t + (k % 4 === 0 ? 0.01 : 0)), rounds: 500 });
    near(found.matrix, Array.from(matrix), 1);
    expect(Math.max(...found.matrix.map((t, k) => Math.abs(t - matrix[k])))).toBeLessThan(0.05);
    expect(Math.max(...found.matrix.map((t, k) => Math.abs(t - again.matrix[k])))).toBeLessThan(2e-3);
    // It is at least as likely as the true one.
    const loss = (t: Float64Array) => meanLoss(logP, noisyEvidence(labels, t, 3), 3);
    expect(loss(found.matrix)).toBeLessThanOrEqual(loss(matrix) + 1e-6);
    // Pairs that are known count beside the rows: very many of them decide.
    const known = Float64Array.of(0, 1e7, 0, 0, 1e7, 0, 0, 0, 1e7);
    near(fitTransition(logP, labels, 3, { start: third, known }).matrix, [0, 1, 0, 0, 1, 0, 0, 0, 1], 2);
  });
});

describe("the parts of a fit", () => {
  it("deals each class evenly over the folds", () => {
    const labels = Int32Array.from({ length: 103 }, (_, i) => (i < 7 ? 2 : i % 2)),
      fold = dealFolds(labels, 5, 1, "test");
    for (const label of [0, 1, 2]) {
      const counts = [0, 0, 0, 0, 0];
      fold.forEach((f, i) => labels[i] === label && counts[f]++);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
    expect(dealFolds(labels, 5, 1, "test")).toEqual(fold);
    expect(dealFolds(labels, 5, 2, "test")).not.toEqual(fold);
  });

  it("finds the temperature that logits were multiplied by", () => {
    const random = stream(4, "temperature test"),
      n = 4000,
      logP = new Float64Array(2 * n),
      labels = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const z = 4 * random.next() - 2;
      labels[i] = Number(random.next() < 1 / (1 + Math.exp(-z)));
      logP[2 * i + 1] = 3 * z;
    }
    cool(logP, 2, 1);
    expect(bestTemperature(logP, plainEvidence(labels, 2), 2)).toBeCloseTo(3, 0);
  });

  it("takes trusted rows for their class's share of the file, times what kept its label; 0 or 1 where the given label is known", () => {
    const transition = { matrix: Float64Array.of(0.8, 0.2, 0.4, 0.6), prior: Float64Array.of(0.75, 0.25) };
    const all = Int32Array.of(0, 1, 2);
    near(trustedWeights(Int32Array.of(0, 0, 1), undefined, transition, all), [0.3, 0.3, 0.15]);
    near(trustedWeights(Int32Array.of(0, 0, 1), Int32Array.of(0, 1, -1), transition, all), [0.375, 0, 0.15]);
  });

  it("knows the largest curvature of its features", () => {
    // With a column of ones XᵀX/n is [[5, 2], [2, 1]].
    const rows = { features: Float32Array.of(1, 3), labels: Int32Array.of(0, 1) };
    expect(largestEigenvalue(rows, 1)).toBeCloseTo(3 + Math.sqrt(8), 6);
  });
});
