import * as linalg from "../../../src/tensor/linalg.js";
import type { NormOrder } from "../../../src/tensor/linalg.js";
import * as np from "../../../src/tensor/np/index.js";
import type { Axes, Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, fold, indices, tabulate, total } from "./plain.js";

const { distinct, integers, real } = inputsFor("determinants");

type Matrix = readonly (readonly number[])[];

/** Laplace's expansion. */
const determinant = (a: Matrix): number =>
  a.length === 0 ? 1 : total(a[0].map((v, j) => (j % 2 ? -1 : 1) * v * determinant(a.slice(1).map(row => row.toSpliced(j, 1)))));
const matrixAt = (x: Plain, lead: readonly number[]): Matrix => {
  const n = x.shape[x.shape.length - 1];
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => at(x, [...lead, i, j])));
};
const each = (f: (a: Matrix) => number) => (x: Plain) => tabulate(x.shape.slice(0, -2), (...lead) => f(matrixAt(x, lead)));

const squares = [
  [1, 1],
  [2, 2],
  [3, 3],
  [5, 5],
  [2, 3, 3],
  [2, 1, 2, 2],
  [0, 0],
  [2, 0, 0],
  [0, 2, 2],
];
const last = (x: Value) => x.shape[x.ndim - 1];
const regular = (x: Value) => x.mul(0.25).add(np.flip(np.eye(last(x)), 0).mul(2));
const regularOf = (a: Matrix): Matrix => a.map((row, i) => row.map((v, j) => 0.25 * v + (i + j === a.length - 1 ? 2 : 0)));

/** The cofactors of a matrix of two rows, and of one with three. */
const square = (n: number, ...data: number[]) => ({ ...vector(...data), shape: [n, n] });

const dets: Case[] = [
  ...squares.flatMap((shape): Case[] => [
    { of: "linalg.det", f: linalg.det, inputs: [real(...shape)], expected: each(determinant) },
    {
      of: "linalg.slogdet",
      f: x => linalg.slogdet(regular(x))[0],
      inputs: [real(...shape)],
      expected: each(a => Math.sign(determinant(regularOf(a)))),
    },
    {
      of: "linalg.slogdet",
      f: x => linalg.slogdet(regular(x))[1],
      inputs: [real(...shape)],
      expected: each(a => Math.log(Math.abs(determinant(regularOf(a))))),
    },
  ]),
  { of: "linalg.det", f: linalg.det, inputs: [integers(-3, 4, 3, 3)], expected: each(determinant) },
  {
    of: "linalg.det",
    f: linalg.det,
    inputs: [real(2, 2)],
    expected: each(determinant),
    // Of a singular matrix the derivative is that of the cofactors.
    kinks: [
      { name: "rank 1 of 2", inputs: [square(2, 1, 2, 2, 4)], value: [0], gradient: [4, -2, -2, 1] },
      { name: "rank 1 of 2, zeros first", inputs: [square(2, 0, 1, 0, 0)], value: [-0], gradient: [0, 0, -1, 0] },
      { name: "rank 0", inputs: [square(2, 0, 0, 0, 0)], value: [0], gradient: [0, 0, 0, 0] },
      { name: "rank 2 of 3", inputs: [square(3, 1, 0, 0, 0, 0, 0, 0, 0, 2)], value: [0], gradient: [0, 0, 0, 0, 2, 0, 0, 0, 0] },
      { name: "rank 1 of 3", inputs: [square(3, 1, 1, 1, 1, 1, 1, 1, 1, 1)], value: [0], gradient: [0, 0, 0, 0, 0, 0, 0, 0, 0] },
    ],
  },
  // The second derivatives where one is singular, which differences see too.
  { of: "linalg.det", f: linalg.det, inputs: [square(3, 1, 2, 3, 2, 4, 6, 0, 1, 5)], expected: each(determinant) },
];

const inverses: Case[] = squares.map((shape): Case => ({
  of: "linalg.inv",
  f: x => linalg.inv(regular(x)),
  inputs: [real(...shape)],
  expected: x =>
    tabulate(x.shape, (...index) => {
      const a = regularOf(matrixAt(x, index.slice(0, -2)));
      const [i, j] = index.slice(-2);
      const minor = a.toSpliced(j, 1).map(row => row.toSpliced(i, 1));
      return ((i + j) % 2 ? -1 : 1) * (determinant(minor) / determinant(a));
    }),
}));

const diagonals: Case[] = [
  [3, 3],
  [2, 4],
  [4, 2],
  [2, 3, 3],
  [0, 2],
].flatMap(shape =>
  [0, 1, -1, 3].flatMap((k): Case[] => {
    const of = (x: Plain, lead: readonly number[]) =>
      indices(x.shape.slice(-2)).flatMap(([i, j]) => (j - i === k ? [at(x, [...lead, i, j])] : []));
    const length = indices(shape.slice(-2)).filter(([i, j]) => j - i === k).length;
    return [
      {
        of: "linalg.diagonal",
        f: x => linalg.diagonal(x, k),
        inputs: [real(...shape)],
        expected: x => tabulate([...shape.slice(0, -2), length], (...index) => of(x, index.slice(0, -1))[index.at(-1)!]),
      },
      {
        of: "linalg.trace",
        f: x => linalg.trace(x, k),
        inputs: [real(...shape)],
        expected: x => tabulate(shape.slice(0, -2), (...lead) => total(of(x, lead))),
      },
    ];
  }),
);

const root = (list: readonly number[]) => Math.sqrt(total(list.map(v => v * v)));
const vectors: Record<string, (list: number[]) => number> = {
  "1": list => total(list.map(Math.abs)),
  "2": root,
  Infinity: list => Math.max(...list.map(Math.abs)),
  "-Infinity": list => Math.min(...list.map(Math.abs)),
};
const over = (shape: readonly number[], axis: Axes, f: (list: number[]) => number, order?: NormOrder): Case[] =>
  [true, false].map(keepdims => ({
    of: "linalg.norm",
    f: x => linalg.norm(x, order, axis, { keepdims }),
    inputs: [distinct(...shape)],
    expected: x =>
      fold(
        f,
        x,
        axis === undefined || axis === null ? shape.map((_, i) => i) : [axis].flat().map(a => (a + shape.length) % shape.length),
        keepdims,
      ),
  }));
/** Of matrices: the largest or smallest of the sums of lines, of which the other axis goes. */
const lines = (shape: readonly number[], order: NormOrder, summed: number, pick: (...all: number[]) => number): Case => ({
  of: "linalg.norm",
  f: x => linalg.norm(x, order),
  inputs: [distinct(...shape)],
  expected: x => fold(list => pick(...list), fold(vectors["1"], x, [summed]), [0]),
});
const norms: Case[] = [
  ...(
    [
      [[4], undefined],
      [[], undefined],
      [[2, 3], undefined],
      [[2, 3], 0],
      [
        [2, 3, 2],
        [0, 2],
      ],
      [[0], undefined],
      [[2, 0], 1],
    ] as const
  ).flatMap(([shape, axis]) => over(shape, axis, root)),
  ...[1, 2, Infinity, -Infinity].flatMap(order => [
    ...over([4], undefined, vectors[order], order),
    ...over([2, 3], -1, vectors[order], order),
  ]),
  ...over([2, 3], undefined, root, "fro"),
  ...over([2, 3, 2], [2, 0], root, "fro"),
  lines([2, 3], 1, 0, Math.max),
  lines([2, 3], Infinity, 1, Math.max),
  lines([2, 3], -Infinity, 1, Math.min),
  { of: "linalg.norm", f: x => linalg.norm(x), inputs: [integers(-4, 5, 3)], expected: x => fold(root, x, [0]) },
  {
    of: "linalg.norm",
    f: x => linalg.norm(x),
    inputs: [distinct(3)],
    expected: x => fold(root, x, [0]),
    kinks: [
      { name: "all 0", inputs: [vector(0, 0, 0)], value: [0], gradient: [0, 0, 0] },
      { name: "squares that would overflow", inputs: [vector(3 * 2 ** 100, 4 * 2 ** 100)], value: [5 * 2 ** 100], gradient: [0.6, 0.8] },
      { name: "infinite", inputs: [vector(1, -Infinity)], value: [Infinity], gradient: [0, NaN] },
    ],
  },
];

export const determinants: readonly Case[] = [...dets, ...inverses, ...diagonals, ...norms];
