import * as np from "../../../src/tensor/np/index.js";
import type { ReduceOptions, Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import type { Plain } from "./plain.js";
import { along, fold } from "./plain.js";

const { distinct, integers, truths } = inputsFor("order");

/** NaN is behind everything for sorting, and in front of everything for the extrema. */
const sorted = (list: readonly number[]): number[] =>
  list
    .map((v, i) => ({ v, i }))
    .sort((a, b) => (Number.isNaN(a.v) || Number.isNaN(b.v) ? +Number.isNaN(a.v) - +Number.isNaN(b.v) : a.v - b.v) || a.i - b.i)
    .map(({ i }) => i);
const extreme = (sign: number) => (list: readonly number[]) =>
  list.reduce((best, v, i) => (!Number.isNaN(list[best]) && (Number.isNaN(v) || sign * v > sign * list[best]) ? i : best), 0);

const lines: readonly (readonly [readonly number[], number])[] = [
  [[5], 0],
  [[1], -1],
  [[2, 3], 0],
  [[2, 3], -1],
  [[2, 3, 4], 1],
  [[0, 3], 1],
];

const positions = (of: string, f: (x: Value, axis?: number, options?: ReduceOptions) => Value, sign: number): Case[] => [
  ...lines.flatMap(([shape, axis]): Case[] =>
    [false, true].map(keepdims => ({
      of,
      f: x => f(x, axis, { keepdims }),
      inputs: [distinct(...shape)],
      expected: x => fold(extreme(sign), x, [(axis + shape.length) % shape.length], keepdims),
    })),
  ),
  { of, f: x => f(x), inputs: [vector(1, 3, 3, 0, 0, 2)], expected: x => fold(extreme(sign), x, [0]) },
  { of, f: x => f(x), inputs: [vector(1, NaN, 3, NaN, -7)], expected: x => fold(extreme(sign), x, [0]) },
  { of, f: x => f(x, 0), inputs: [vector(-Infinity, Infinity, -1e4, 1e4)], expected: x => fold(extreme(sign), x, [0]) },
  { of, f: x => f(x), inputs: [distinct()], expected: () => ({ shape: [], data: [0] }) },
  { of, f: x => f(x), inputs: [integers(-2, 3, 2, 4)], expected: x => fold(extreme(sign), x, [0, 1]) },
  { of, f: x => f(x, undefined, { keepdims: true }), inputs: [truths(2, 4)], expected: x => fold(extreme(sign), x, [0, 1], true) },
];

/** What cannot be told apart stays in order, so the case of equal numbers has whole ones: its derivative would be at a kink. */
const inOrder = (of: string, f: (x: Value, axis?: number) => Value, expected: (list: number[]) => number[]): Case[] => [
  ...[...lines, [[3, 0], 1] as const, [[2, 0], 0] as const].map(([shape, axis]): Case => ({
    of,
    f: x => f(x, axis),
    inputs: [distinct(...shape)],
    expected: x => along(expected, x, (axis + shape.length) % shape.length),
  })),
  { of, f: x => f(x), inputs: [integers(-2, 2, 2, 7)], expected: x => along(expected, x, 1) },
  { of, f: x => f(x), inputs: [truths(6)], expected: x => along(expected, x, 0) },
];

const withNaN = vector(2, NaN, -1, 2, NaN, -Infinity, Infinity, -1, 0, -0);

export const order: readonly Case[] = [
  ...positions("np.argmax", np.argmax, 1),
  ...positions("np.argmin", np.argmin, -1),
  ...inOrder("np.argsort", np.argsort, sorted),
  { of: "np.argsort", f: x => np.argsort(x), inputs: [withNaN], expected: x => along(sorted, x, 0) },
  ...inOrder("np.sort", np.sort, list => sorted(list).map(i => list[i])),
  {
    of: "np.sort",
    f: x => np.sort(x),
    inputs: [distinct(4)],
    expected: (x: Plain) => along(list => sorted(list).map(i => list[i]), x, 0),
    kinks: [
      { name: "NaN is last", inputs: [vector(3, NaN, -1)], value: [-1, 3, NaN], gradient: [1, 1, 1] },
      { name: "equal ones keep their order", inputs: [vector(1e4, -100, 1e4)], value: [-100, 1e4, 1e4], gradient: [1, 1, 1] },
    ],
  },
];
