import * as np from "../../../src/tensor/np/index.js";
import type { Axes } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import { along, fold, total } from "./plain.js";

const { integers, nonzero, real, truths } = inputsFor("scan");

const product = (list: readonly number[]) => list.reduce((a, b) => a * b, 1);
const sums = (list: readonly number[]) => list.map((_, i) => total(list.slice(0, i + 1)));

const products: readonly (readonly [readonly number[], Axes])[] = [
  [[], undefined],
  [[1], 0],
  [[7], undefined],
  [[2, 3], 0],
  [
    [2, 3],
    [-1, 0],
  ],
  [[2, 3], []],
  [
    [2, 2, 3],
    [0, 2],
  ],
  [[2, 3, 2], 1],
  [[0], 0],
  [[2, 0], 1],
  [[2, 0], 0],
];

export const scan: readonly Case[] = [
  ...products.flatMap(([shape, axis], i) =>
    [false, true].map((keepdims): Case => ({
      of: "np.prod",
      f: x => np.prod(x, axis, { keepdims }),
      inputs: [nonzero(...shape)],
      expected: x =>
        fold(
          product,
          x,
          axis === undefined ? shape.map((_, a) => a) : [axis ?? []].flat().map(a => (a + shape.length) % shape.length),
          keepdims,
        ),
      kinks:
        i === 0 && !keepdims
          ? [
              { name: "one zero", inputs: [vector(2, 0, 3)], value: [0], gradient: [0, 6, 0] },
              { name: "two zeros", inputs: [vector(2, 0, 0, 3, 5)], value: [0], gradient: [0, 0, 0, 0, 0] },
            ]
          : undefined,
    })),
  ),
  // Differences see the second derivatives at zeros too.
  { of: "np.prod", f: x => np.prod(x), inputs: [vector(0.5, 0, -2, 0, 1.5)], expected: x => fold(product, x, [0]) },
  { of: "np.prod", f: x => np.prod(x, 1), inputs: [integers(-3, 4, 2, 3)], expected: x => fold(product, x, [1]) },
  { of: "np.prod", f: x => np.prod(x, 0), inputs: [truths(2, 3)], expected: x => fold(product, x, [0]) },
  ...(
    [
      [[1], 0],
      [[6], -1],
      [[5, 2], 0],
      [[2, 3], 1],
      [[2, 4, 2], 1],
      [[0], 0],
      [[2, 0], 0],
    ] as const
  ).map(([shape, axis]: readonly [readonly number[], number]): Case => ({
    of: "np.cumsum",
    f: x => np.cumsum(x, axis),
    inputs: [real(...shape)],
    expected: x => along(sums, x, (axis + shape.length) % shape.length),
    jax: shape.includes(0) ? undefined : (j, x) => j.np.cumsum(x, axis),
  })),
  { of: "np.cumsum", f: x => np.cumsum(x), inputs: [real()], expected: x => ({ shape: [1], data: x.data }) },
  { of: "np.cumsum", f: x => np.cumsum(x), inputs: [real(2, 3)], expected: x => ({ shape: [6], data: sums(x.data) }) },
  { of: "np.cumsum", f: x => np.cumsum(x, 0), inputs: [integers(-9, 10, 5)], expected: x => along(sums, x, 0) },
  { of: "np.cumsum", f: x => np.cumsum(x, 0), inputs: [truths(5)], expected: x => along(sums, x, 0) },
];
