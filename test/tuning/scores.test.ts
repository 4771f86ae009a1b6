import { expect, it } from "vitest";
import { differenceOf, meanOf, scoresOf, shareOf } from "../../cli/src/tuning/scores.js";
import type { TuningRows } from "../../cli/src/tuning/rows.js";

const rows = (codes: number[], outputs: number, targets: number[], weights = codes.map(() => 1)): TuningRows => ({
  ...{ count: codes.length, width: 0, outputs, features: new Float32Array(0) },
  ...{ targets: Float32Array.from(targets), codes: Int32Array.from(codes), weights: Float64Array.from(weights) },
});

it("has Wilson's interval: R. G. Newcombe, Statistics in Medicine 17, 1998, table I", () => {
  for (const [right, n, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ]) {
    const found = shareOf(right, n);
    expect([found.low.toFixed(4), found.high.toFixed(4)]).toEqual([low.toFixed(4), high.toFixed(4)]);
  }
});

it("has Student's interval of a mean", () => {
  // 1 … 5: mean 3, deviation √2.5, t₄ = 2.7764.
  const { value, low, high } = meanOf(Float64Array.of(1, 2, 3, 4, 5), new Float64Array(5).fill(1));
  expect(value).toBe(3);
  expect(high - value).toBeCloseTo((2.776445 * Math.sqrt(2.5)) / Math.sqrt(5), 3);
  expect(value - low).toBeCloseTo(high - value, 12);
});

it("scores classes: log loss and accuracy, where every class counts alike the mean over classes", () => {
  const output = Float64Array.from([0.8, 0.2, 0.6, 0.4, 0.9, 0.1, 0.3, 0.7], Math.log);
  const plain = scoresOf(output, rows([0, 0, 0, 1], 2, []), { kind: "classes", classes: ["a", "b"] });
  expect(plain.loss.value).toBeCloseTo(-Math.log(0.8 * 0.6 * 0.9 * 0.7) / 4, 12);
  expect(plain.accuracy.value).toBe(1);
  const balanced = scoresOf(output, rows([0, 0, 0, 0], 2, [], [1 / 3, 1 / 3, 1 / 3, 3]), { kind: "classes", classes: ["a", "b"] });
  expect(balanced.accuracy.value).toBeCloseTo((3 * (1 / 3)) / 4, 12);
});

it("scores numbers in their own unit", () => {
  const { loss, accuracy } = scoresOf(Float64Array.of(0, 1, 2), rows([0, 0, 0], 1, [0, 1, 3]), { kind: "number", mean: 5, scale: 10 });
  expect(loss.value).toBeCloseTo(10 * Math.sqrt(1 / 3), 10);
  // Of 0, 1, 3 the variance is 14/9.
  expect(accuracy.value).toBeCloseTo(1 - 1 / 3 / (14 / 9), 10);
  expect(differenceOf(Float64Array.of(0, 1, 3), Float64Array.of(0, 1, 2), rows([0, 0, 0], 1, [0, 1, 3]), "number").value).toBeCloseTo(
    1 / 6,
    12,
  );
});
