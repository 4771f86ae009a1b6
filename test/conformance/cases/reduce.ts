import * as np from "../../../src/tensor/np/index.js";
import type { HostArray } from "../../../src/tensor/types.js";
import type { Axes, Value } from "../../../src/tensor/value.js";
import type { Case, Kink } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import { fold, total } from "./plain.js";

const { distinct, integers, real, truths } = inputsFor("reduce");

const mean = (list: number[]) => total(list) / list.length;
const variance = (list: number[]) => mean(list.map(v => (v - mean(list)) ** 2));

/** Shapes, and axes as they may be written. */
const reductions: readonly (readonly [readonly number[], Axes])[] = [
  [[], undefined],
  [[4], undefined],
  [[4], 0],
  [[4], -1],
  [[2, 3], undefined],
  [[2, 3], 0],
  [[2, 3], [1]],
  [
    [2, 3],
    [-1, 0],
  ],
  [[2, 3], []],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [[2, 3, 4], 1],
  [[1, 3, 1], [0]],
  [[2, 1], null],
];
/** Reductions of nothing: sums are 0, and there is no largest element. */
const empty: readonly (readonly [readonly number[], Axes])[] = [
  [[0], 0],
  [[2, 0], 1],
  [[2, 0], 0],
  [[0, 3], undefined],
];

type Reduction = (x: Value, axis?: Axes, options?: { keepdims?: boolean }) => Value;
type JaxReduction = "sum" | "mean" | "max" | "min" | "var_";

const positive = (axis: Axes, rank: number): number[] =>
  axis === undefined || axis === null ? Array.from({ length: rank }, (_, i) => i) : [axis].flat().map(a => (a + rank) % rank);

const reduction = (
  of: string,
  f: Reduction,
  value: (list: number[]) => number,
  jax: JaxReduction,
  inputs: (...shape: number[]) => HostArray,
  kinks?: readonly Kink[],
): Case[] => [
  ...[...reductions, ...(jax === "sum" ? empty : empty.slice(2, 3))].flatMap(([shape, axis], i) =>
    [false, true].map((keepdims): Case => ({
      of,
      f: x => f(x, axis, { keepdims }),
      inputs: [inputs(...shape)],
      expected: x => fold(value, x, positive(axis, shape.length), keepdims),
      jax:
        shape.includes(0) || shape.length === 0
          ? undefined
          : (j, x) => j.np[jax](x, axis === undefined || axis === null ? undefined : positive(axis, shape.length), { keepdims }),
      kinks: i === 0 && !keepdims ? kinks : undefined,
    })),
  ),
  { of, f: x => f(x), inputs: [integers(-5, 6, 3, 2)], expected: x => fold(value, x, [0, 1]) },
  { of, f: x => f(x, 0), inputs: [truths(3, 2)], expected: x => fold(value, x, [0]) },
];

export const reduce: readonly Case[] = [
  ...reduction("np.sum", np.sum, total, "sum", real),
  ...reduction("np.mean", np.mean, mean, "mean", real),
  ...reduction("np.variance", np.variance, variance, "var_", real),
  ...reduction("np.max", np.max, list => Math.max(...list), "max", distinct, [
    { name: "ties share", inputs: [vector(1, 3, 2, 3, 3)], value: [3], gradient: [0, 1 / 3, 0, 1 / 3, 1 / 3] },
    { name: "one winner", inputs: [vector(-1, -2)], value: [-1], gradient: [1, 0] },
  ]),
  ...reduction("np.min", np.min, list => Math.min(...list), "min", distinct, [
    { name: "ties share", inputs: [vector(1, 3, 1, 3)], value: [1], gradient: [0.5, 0, 0.5, 0] },
    { name: "infinite ones too", inputs: [vector(Infinity, 0)], value: [0], gradient: [0, 1] },
  ]),
];
