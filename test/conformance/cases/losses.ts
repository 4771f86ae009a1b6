import * as nn from "../../../src/tensor/nn.js";
import * as np from "../../../src/tensor/np/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case, Kink } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, tabulate, total, zip } from "./plain.js";

const { grid, integers, positive, real, truths } = inputsFor("losses");
const shapes: readonly (readonly number[])[] = [[], [3], [2, 3], [0]];

const softplus = (x: number) => Math.log(1 + Math.exp(x));
const meanOf = (x: Plain): Plain => ({ shape: [], data: [total(x.data) / x.data.length] });
const kink = (name: string, x: number, y: number, value: number, gradient: number): Kink => ({
  name,
  inputs: [vector(x), vector(y)],
  value: [value],
  gradient: [gradient],
});

/** A loss of two arrays, element by element. */
const pairwise = (
  of: string,
  f: (x: Value, y: Value) => Value,
  value: (x: number, y: number) => number,
  kinks?: readonly Kink[],
  second: (...shape: number[]) => Case["inputs"][number] = (...shape) => grid(0, ...shape),
): Case[] =>
  shapes.map((shape): Case => ({
    of,
    f,
    inputs: [grid(0.1, ...shape), second(...shape)],
    expected: (x, y) => zip(value, x, y),
    kinks: shape.length === 1 && shape[0] === 3 ? kinks : undefined,
  }));

const huber = (delta: number) => (x: number, y: number) => {
  const e = Math.abs(x - y);
  return e <= delta ? (e * e) / 2 : delta * (e - delta / 2);
};
const binary = (x: number, y: number) => y * softplus(-x) + (1 - y) * softplus(x);
/** −1 or 1 for truth values. */
const signs = (y: Value) => np.astype(y, np.float32).mul(2).sub(1);

const crammerSinger = (scores: Plain, labels: Plain): Plain =>
  tabulate(labels.shape, (...index) => {
    const own = at(labels, index),
      classes = scores.shape[scores.shape.length - 1],
      score = (j: number) => at(scores, [...index, j]),
      others = Array.from({ length: classes }, (_, j) => j).filter(j => j !== own);
    return Math.max(0, 1 + Math.max(...others.map(score)) - score(own));
  });
const smoothed = (amount: number, classes: number) => (labels: Plain) =>
  tabulate([...labels.shape, classes], (...index) => (1 - amount) * +(at(labels, index.slice(0, -1)) === index.at(-1)) + amount / classes);

export const losses: readonly Case[] = [
  ...pairwise("nn.squaredError", nn.squaredError, (x, y) => (x - y) ** 2),
  ...pairwise("nn.absoluteError", nn.absoluteError, (x, y) => Math.abs(x - y), [kink("0 where they are equal", 2, 2, 0, 0)]),
  ...pairwise("nn.huber", nn.huber, huber(1), [
    kink("δ at δ", 3, 2, 0.5, 1),
    kink("the same below", 1, 2, 0.5, -1),
    kink("0 where they are equal", 2, 2, 0, 0),
    kink("far away", 1e30, 0, 1e30, 1),
  ]),
  ...pairwise("nn.huber", (x, y) => nn.huber(x, y, 0.5), huber(0.5)),
  ...pairwise("nn.binaryCrossEntropy", nn.binaryCrossEntropy, binary, undefined, (...shape) => positive(...shape)),
  ...pairwise("nn.binaryCrossEntropy", nn.binaryCrossEntropy, binary, undefined, (...shape) => truths(...shape)),
  ...pairwise("nn.binaryCrossEntropy", nn.binaryCrossEntropy, binary, undefined, (...shape) => integers(0, 2, ...shape)),
  ...[[3], [2, 3]].flatMap((shape): Case[] => [
    { of: "nn.mse", f: nn.mse, inputs: [real(...shape), real(...shape)], expected: (x, y) => meanOf(zip((a, b) => (a - b) ** 2, x, y)) },
    {
      of: "nn.mae",
      f: nn.mae,
      inputs: [grid(0.1, ...shape), grid(0, ...shape)],
      expected: (x, y) => meanOf(zip((a, b) => Math.abs(a - b), x, y)),
    },
  ]),
  ...shapes.map((shape): Case => ({
    of: "nn.hinge",
    f: (s, y) => nn.hinge(s, signs(y)),
    inputs: [real(...shape), truths(...shape)],
    expected: (s, y) => zip((a, b) => Math.max(0, 1 - a * (2 * b - 1)), s, y),
  })),
  ...[[], [3], [2, 2], [0]].map((shape): Case => ({
    of: "nn.multiclassHinge",
    f: nn.multiclassHinge,
    inputs: [grid(0.07, ...shape, 3), integers(0, 3, ...shape)],
    expected: crammerSinger,
  })),
  {
    of: "nn.hinge",
    f: s => nn.hinge(s, np.ones([2])),
    inputs: [real(2)],
    expected: s => ({ shape: [2], data: s.data.map(a => Math.max(0, 1 - a)) }),
    kinks: [{ name: "0 at the margin", inputs: [vector(1, 0)], value: [0, 1], gradient: [0, -1] }],
  },
  {
    of: "nn.multiclassHinge",
    f: s => nn.multiclassHinge(s, np.array(1).astype("int32")),
    inputs: [grid(0.07, 3)],
    expected: s => crammerSinger(s, { shape: [], data: [1] }),
    kinks: [
      { name: "0 at the margin", inputs: [vector(1, 2, 0)], value: [0], gradient: [0, 0, 0] },
      { name: "ties share", inputs: [vector(1, 0, 1)], value: [2], gradient: [0.5, -1, 0.5] },
    ],
  },
  ...[[], [3], [2, 2], [0]].map((shape): Case => ({
    of: "nn.smoothLabels",
    f: labels => nn.smoothLabels(labels, 4, 0.1),
    inputs: [integers(0, 4, ...shape)],
    expected: smoothed(0.1, 4),
  })),
  {
    of: "nn.smoothLabels",
    f: rows => nn.smoothLabels(rows, 3, 0.25),
    inputs: [positive(2, 3)],
    expected: rows => ({ shape: rows.shape, data: rows.data.map(y => 0.75 * y + 0.25 / 3) }),
  },
];
