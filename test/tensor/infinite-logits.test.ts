import { describe, expect, it } from "vitest";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { f64, i32 } from "../../src/tensor/host.js";
import { grad } from "../../src/tensor/transform.js";
import type { FloatType } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { onExecutors, slope } from "../support/on-executors.js";

const masked = -Infinity;
const logits = f64([1, 2, masked, 0, masked, 0.5], 2, 3);
/** The same rows without the classes that are not there. */
const present = f64([1, 2, 0, 0.5], 2, 2);
const weights = f64([1.5, -2, 0.7, 0.3, 4, 1], 2, 3);

type Loss = (logits: Value, labels: Value) => Value;
/** A loss, its gradient, and the derivative of the gradient along a direction, which is finite at masked classes. */
const all = (f: Loss) => (x: Value, labels: Value, v: Value) => {
  const g = (z: Value) => grad((y: Value) => f(y, labels).sum())(z);
  return [f(x, labels), g(x), grad((z: Value) => g(z).mul(v).sum())(x)];
};

function close(found: readonly number[], expected: readonly number[], dtype: FloatType): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((a, i) => {
    const tolerance = (dtype === "float64" ? 1e-14 : 1e-6) * Math.max(1, Math.abs(expected[i]));
    expect(a === expected[i] || Math.abs(a - expected[i]) <= tolerance, `element ${i}: ${a} instead of ${expected[i]}`).toBe(true);
  });
}

describe.each(["float32", "float64"] as const)("logits of −∞ are classes that are not there, %s", dtype => {
  const spread = ([a, b, c, d]: readonly number[]) => [a, b, 0, c, 0, d];
  // The direction without the masked classes.
  const v = f64([1.5, -2, 0.3, 1], 2, 2);

  it.each([
    ["classes", i32([1, 2]), i32([1, 1])],
    ["probabilities", f64([0.25, 0.75, 0, 0.5, 0, 0.5], 2, 3), f64([0.25, 0.75, 0.5, 0.5], 2, 2)],
  ])("crossEntropy of %s: value, gradient and second derivative", (_, labels, fewer) => {
    const found = onExecutors(all(nn.crossEntropy), [logits, labels, weights], dtype);
    const expected = onExecutors(all(nn.crossEntropy), [present, fewer, v], dtype).reference;
    for (const [value, first, second] of Object.values(found)) {
      close(value, expected[0], dtype);
      close(first, spread(expected[1]), dtype);
      close(second, spread(expected[2]), dtype);
    }
  });

  it("crossEntropy of logits that are computed or constant", () => {
    const computed = (x: Value, labels: Value) =>
      nn.crossEntropy(
        np.where(
          np
            .array([
              [1, 1, 0],
              [1, 0, 1],
            ])
            .greater(0),
          x.mul(2),
          -Infinity,
        ),
        labels,
      );
    const constant = (_: Value, labels: Value) => nn.crossEntropy(np.array(logits), labels);
    const finite = f64([0.5, 1, 7, 0, 8, 0.25], 2, 3);
    const found = onExecutors((x: Value, labels: Value) => [slope(computed)(x, labels), constant(x, labels)], [finite, i32([1, 2])], dtype);
    const expected = onExecutors(
      (x: Value, y: Value) => [slope(nn.crossEntropy)(x, y), nn.crossEntropy(x, y)],
      [present, i32([1, 1])],
      dtype,
    ).reference;
    for (const [first, value] of Object.values(found)) {
      close(first, spread(expected[0].map(g => 2 * g)), dtype);
      close(value, expected[1], dtype);
    }
  });

  it("crossEntropy is ∞ where the label's own logit is −∞, and the gradient is finite", () => {
    const found = onExecutors((x: Value, y: Value) => [nn.crossEntropy(x, y), slope(nn.crossEntropy)(x, y)], [logits, i32([2, 0])], dtype);
    const e = Math.exp(1);
    for (const [value, first] of Object.values(found)) {
      expect(value[0]).toBe(Infinity);
      close(first.slice(0, 3), [1 / (1 + e), e / (1 + e), -1], dtype);
    }
  });

  it("crossEntropy has the derivative −logSoftmax in a probability of 0 whose class is there", () => {
    const inLabels = slope(nn.crossEntropy, 1);
    const found = onExecutors((x: Value, p: Value) => inLabels(x, p), [logits, f64([0, 1, 0, 1, 0, 0], 2, 3)], dtype);
    const log = (a: number, b: number) => Math.log(Math.exp(a) + Math.exp(b));
    for (const [first] of Object.values(found)) close(first, [log(1, 2) - 1, log(1, 2) - 2, 0, log(0, 0.5), 0, log(0, 0.5) - 0.5], dtype);
  });

  it("logsumexp, softmax and logSoftmax, with first and second derivatives", () => {
    for (const f of [nn.softmax, nn.logSoftmax]) {
      const squares = (x: Value) => np.square(np.where(x.greater(-Infinity), f(x), 0));
      const both = all((x: Value) => squares(x).sum(-1));
      const found = onExecutors(both, [logits, i32([0]), weights], dtype);
      const expected = onExecutors(both, [present, i32([0]), v], dtype).reference;
      for (const [value, first, second] of Object.values(found)) {
        close(value, expected[0], dtype);
        close(first, spread(expected[1]), dtype);
        close(second, spread(expected[2]), dtype);
      }
    }
    const sums = all((x: Value) => nn.logsumexp(x));
    const found = onExecutors(sums, [logits, i32([0]), weights], dtype);
    const expected = onExecutors(sums, [present, i32([0]), v], dtype).reference;
    for (const [value, first, second] of Object.values(found)) {
      close(value, expected[0], dtype);
      close(first, spread(expected[1]), dtype);
      close(second, spread(expected[2]), dtype);
    }
  });

  it("a whole row of −∞: logsumexp is −∞ with the derivative 0, the others are NaN", () => {
    const row = f64([masked, masked, 1, 2], 2, 2);
    const found = onExecutors(
      (x: Value) => [nn.logsumexp(x), slope(x => nn.logsumexp(x))(x), nn.softmax(x), nn.logSoftmax(x)],
      [row],
      dtype,
    );
    for (const [value, first, soft, log] of Object.values(found)) {
      expect(value[0]).toBe(-Infinity);
      expect(first.slice(0, 2)).toEqual([0, 0]);
      expect([...soft.slice(0, 2), ...log.slice(0, 2)]).toEqual([NaN, NaN, NaN, NaN]);
    }
  });

  it.each([
    ["silu", nn.silu],
    ["gelu", nn.gelu],
    ["relu", nn.relu],
    ["elu", (x: Value) => nn.elu(x)],
  ])("%s tends to its asymptotes at ±∞, with its derivatives", (name, f) => {
    const found = onExecutors((x: Value) => [f(x), slope(f)(x), slope(slope(f))(x)], [f64([masked, Infinity])], dtype);
    for (const numbers of Object.values(found))
      expect(numbers).toEqual([
        [name === "elu" ? -1 : 0, Infinity],
        [0, 1],
        [0, 0],
      ]);
  });
});

describe.each(["float32", "float64"] as const)("binaryCrossEntropy of certain logits, %s", dtype => {
  it("costs nothing where the label says the same, and ∞ where it says the other; the slopes are σ(x) − y, and do not change", () => {
    const x = f64([Infinity, -Infinity, Infinity, -Infinity, 2, -2], 6),
      y = f64([1, 0, 0, 1, 1, 0], 6),
      soft = Math.log1p(Math.exp(-2)),
      lean = 1 / (1 + Math.exp(-2)) - 1;
    const found = onExecutors(all(nn.binaryCrossEntropy), [x, y, f64([1, 1, 1, 1, 0, 0], 6)], dtype);
    for (const [value, first, second] of Object.values(found)) {
      close(value, [0, 0, Infinity, Infinity, soft, soft], dtype);
      close(first, [0, 0, 1, -1, lean, -lean], dtype);
      close(second, [0, 0, 0, 0, 0, 0], dtype);
    }
  });
});
