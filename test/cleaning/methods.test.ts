import { describe, expect, it } from "vitest";
import { adjustedMargin, confidentJoint, prune } from "../../cli/src/cleaning/confident-joint.js";
import type { ConfidentJoint } from "../../cli/src/cleaning/confident-joint.js";
import { bestTemperature, cool, meanLoss, noisyEvidence, plainEvidence } from "../../cli/src/cleaning/cross-fit.js";
import { trustedWeights } from "../../cli/src/cleaning/combine.js";
import { noisyRows } from "../../cli/src/cleaning/fits.js";
import { dealFolds } from "../../cli/src/cleaning/folds.js";
import { fitNoise, fromMatrix, keepRates, noiseEvidence } from "../../cli/src/cleaning/noise-model.js";
import { cosine, trainingLength } from "../../cli/src/cleaning/methods/training-length.js";
import { largestEigenvalue } from "../../cli/src/cleaning/methods/hyper-cleaning.js";
import { fitTransition, goldTransition, jointTransition, judge, posterior, wrongShare } from "../../cli/src/cleaning/transition.js";
import { stream } from "../../src/core/random/index.js";
import { createWasmExecutor, defineProblem, np, optimizers } from "../../src/index.js";
import type { HostArray } from "../../src/index.js";

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
    const logP = Float64Array.of(0.7, 0.2, 0.1).map(Math.log),
      evidence = noisyEvidence(Int32Array.of(1), matrix, 3);
    near(posterior(logP, evidence, 0, 3), [0.07 / 0.26, 0.14 / 0.26, 0.05 / 0.26], 6);
    const judged = judge(logP, evidence, 0, 1, 3);
    expect(judged.wrong).toBeCloseTo(Math.log(0.12 / 0.14), 6);
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
    const found = fitTransition(logP, labels, 3, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), 500),
      again = fitTransition(
        logP,
        labels,
        3,
        new Float64Array(9).map((_, k) => 1 / 3 + (k % 4 === 0 ? 0.01 : 0)),
        500,
      );
    near(found.matrix, Array.from(matrix), 1);
    expect(Math.max(...found.matrix.map((t, k) => Math.abs(t - matrix[k])))).toBeLessThan(0.05);
    expect(Math.max(...found.matrix.map((t, k) => Math.abs(t - again.matrix[k])))).toBeLessThan(2e-3);
    // It is at least as likely as the true one.
    const loss = (t: Float64Array) => meanLoss(logP, noisyEvidence(labels, t, 3), 3);
    expect(loss(found.matrix)).toBeLessThanOrEqual(loss(matrix) + 1e-6);
  });
});

describe("a noise model that knows how easy a row is, and what it looks like", () => {
  const random = stream(9, "noise test"),
    n = 6000,
    logP = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const z = Float64Array.from({ length: 3 }, () => 10 * random.next()),
      norm = Math.log(z.reduce((total, x) => total + Math.exp(x), 0));
    logP.set(
      z.map(x => x - norm),
      3 * i,
    );
  }
  const draw = (weights: ArrayLike<number>): number => {
    let x = random.next();
    for (let k = 0; ; k++) if (k === weights.length - 1 || (x -= weights[k]) < 0) return k;
  };
  const start = fromMatrix(Float64Array.of(0.9, 0.05, 0.05, 0.05, 0.9, 0.05, 0.05, 0.05, 0.9), logP),
    /** The second class is called the third one, or what it looks like; hard rows lose their labels. */
    truth = {
      ...start,
      offsets: Float64Array.of(2, 0.5, 1),
      slopes: [0.3, 1] as const,
      byLooks: 0.4,
      confusions: Float64Array.of(0, 1, 0, 0, 0, 1, 0.5, 0.5, 0),
    };
  const labels = Int32Array.from({ length: n }, (_, i) => draw(logP.subarray(3 * i, 3 * i + 3).map(Math.exp))),
    chance = [0, 1, 2].map(given => noiseEvidence(truth, logP, new Int32Array(n).fill(given))),
    given = labels.map((y, i) => draw(chance.map(evidence => Math.exp(evidence[3 * i + y]))));

  it("has chances that add up to one, and says by the formula how likely a label is kept", () => {
    for (let i = 0; i < 300; i++) expect(chance.reduce((total, evidence) => total + Math.exp(evidence[i]), 0)).toBeCloseTo(1, 6);
    const kept = keepRates(truth, logP, labels),
      odds = (log: number) => (Math.max(Math.min(log - Math.log(1 - Math.exp(log)), 8), -8) - start.ease[0]) / start.ease[1];
    for (let i = 0; i < 100; i++) {
      const [h, g] = [odds(Math.max(...logP.subarray(3 * i, 3 * i + 3))), odds(logP[3 * i + labels[i]])];
      expect(kept[i]).toBeCloseTo(1 / (1 + Math.exp(-truth.offsets[labels[i]] - 0.3 * h - g)), 9);
    }
  });

  it("is found again, and counts what a matrix misses", () => {
    const found = fitNoise({ logTruth: logP, logLooks: logP, given }, start, { ofClass: true, rounds: 400 }),
      without = fitNoise({ logTruth: logP, logLooks: logP, given }, start, { ofClass: false, rounds: 400 }),
      wrong = given.filter((label, i) => label !== labels[i]).length / n;
    found.slopes.forEach((slope, k) => expect(Math.abs(slope - truth.slopes[k])).toBeLessThan(0.3));
    truth.offsets.forEach((a, y) => expect(Math.abs(found.offsets[y] - a)).toBeLessThan(0.4));
    expect(Math.abs(wrongShare(found) - wrong)).toBeLessThan(0.02);
    expect(without.slopes[1]).toBeCloseTo(0, 6);
    expect(wrongShare(without)).toBeLessThan(wrong - 0.03);
  });

  it("is a pair's where the truth is known", () => {
    const known = new Float64Array(3 * n).fill(-Infinity);
    labels.forEach((y, i) => (known[3 * i + y] = 0));
    const found = fitNoise({ logTruth: known, logLooks: logP, given }, start, { ofClass: true });
    for (const y of [0, 1, 2]) {
      const own = given.filter((_, i) => labels[i] === y);
      near(
        found.matrix.slice(3 * y, 3 * y + 3),
        [0, 1, 2].map(j => own.filter(label => label === j).length / own.length),
        9,
      );
    }
    found.slopes.forEach((slope, k) => expect(Math.abs(slope - truth.slopes[k])).toBeLessThan(0.15));
    expect(Math.abs(found.byLooks - 0.4)).toBeLessThan(0.1);
  });
});

it("pairs of true and given label stand behind the rows, without doubt", () => {
  const half = Math.log(0.5),
    trusted = { features: new Float32Array(3), labels: Int32Array.of(0, 1, 1), given: Int32Array.of(-1, 0, 1) },
    all = noisyRows(Float64Array.of(half, half), { labels: Int32Array.of(1) }, Float64Array.of(0, -9, -1, -2, -3, -4), trusted, 2);
  expect(Array.from(all.given)).toEqual([1, 0, 1]);
  expect(Array.from(all.logTruth)).toEqual([half, half, -Infinity, 0, -Infinity, 0]);
  expect(Array.from(all.logLooks)).toEqual([half, half, -1, -2, -3, -4]);
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

  it("takes trusted rows for their class's share of the file, times how likely they would have kept their label", () => {
    const [labels, kept, prior] = [Int32Array.of(0, 0, 1), Float64Array.of(0.8, 0.4, 0.6), Float64Array.of(0.75, 0.25)];
    near(trustedWeights(labels, kept, prior, Int32Array.of(0, 1, 2)), [0.3, 0.15, 0.15]);
    near(trustedWeights(labels, kept, prior, Int32Array.of(1, 2)), [0.3, 0.15]);
  });

  it("knows the largest curvature of its features", () => {
    // With a column of ones XᵀX/n is [[5, 2], [2, 1]].
    const rows = { features: Float32Array.of(1, 3), labels: Int32Array.of(0, 1) };
    expect(largestEigenvalue(rows, 1)).toBeCloseTo(3 + Math.sqrt(8), 6);
  });
});

describe("how long hyper-cleaning trains", () => {
  const executor = createWasmExecutor();
  /** φ goes towards θ by α a step; M = ½‖φ_r − target‖², so that the direction of ∇M at θ₀ = 0 does not depend on r where all coordinates are alike. */
  const towards = (rates: readonly number[], target: readonly number[]) => {
    const vector = (data: readonly number[]) => ({ shape: [data.length], dtype: "float32", data: Float32Array.from(data) }) as HostArray;
    return defineProblem({
      name: "towards",
      theta: () => ({ logits: vector(rates.map(() => 0)) }),
      task: () => ({ rates: vector(rates), target: vector(target) }),
      init: theta => ({ w: theta.logits.mul(0) }),
      inner: {
        loss: (theta, { w }, task) => np.square(w.sub(theta.logits)).mul(task.rates).sum().mul(0.5),
        optimizer: optimizers.sgd({ rate: 1 }),
        steps: 1,
      },
      outer: (_, { w }, task) => np.square(w.sub(task.target)).sum().mul(0.5),
    });
  };
  // dφ_r/dθ_k = 1 − (1 − α_k)^r and φ_r(0) = 0.
  const gradient = (rates: readonly number[], target: readonly number[], r: number) =>
    rates.map((rate, k) => -target[k] * (1 - (1 - rate) ** r));

  it.each([
    ["25 where all coordinates are alike", [0.1, 0.1], [1, 2], 25],
    ["longer where one of them is slow", [0.5, 0.001], [1, 28], 50],
    ["100 where it turns for long", [0.5, -0.05], [1, 0.1], 100],
  ] as const)("is %s", async (_, rates, target, steps) => {
    const found = await trainingLength(towards(rates, target), executor, 1, undefined);
    expect(found.steps).toBe(steps);
    expect(found.cosine).toBeCloseTo(cosine(gradient(rates, target, steps), gradient(rates, target, 2 * steps)), 5);
  });

  it("has a cosine of 0 with nothing", () => {
    expect(cosine([0, 0], [1, 2])).toBe(0);
    expect(cosine([1, 0], [1, 1])).toBeCloseTo(Math.SQRT1_2, 12);
  });
});
