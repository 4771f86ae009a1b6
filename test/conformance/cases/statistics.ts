import * as np from "../../../src/tensor/np/index.js";
import type { Axes, Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import { fold, total } from "./plain.js";

const { distinct, integers, real, truths } = inputsFor("statistics");
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const wrap = (i: number, n: number) => ((i % n) + n) % n;

const sums: readonly (readonly [readonly number[], Axes])[] = [
  [[], undefined],
  [[5], undefined],
  [[2, 3], 0],
  [[2, 3], -1],
  [
    [2, 2, 3],
    [0, 2],
  ],
  [[2, 0], 1],
  [[2, 3], []],
];
const axesOf = (shape: readonly number[], axis: Axes) =>
  axis === undefined || axis === null ? range(shape.length) : [axis].flat().map(a => wrap(a, shape.length));
const truth: Case[] = [true, false].flatMap(keepdims =>
  sums.flatMap(([shape, axis]): Case[] =>
    [truths(...shape), integers(-1, 2, ...shape), real(...shape)].flatMap((input): Case[] => [
      {
        of: "np.any",
        f: x => np.any(x, axis, { keepdims }),
        inputs: [input],
        expected: x => fold(list => +list.some(Boolean), x, axesOf(shape, axis), keepdims),
      },
      {
        of: "np.all",
        f: x => np.all(x, axis, { keepdims }),
        inputs: [input],
        expected: x => fold(list => +list.every(Boolean), x, axesOf(shape, axis), keepdims),
      },
    ]),
  ),
);

const mean = (list: readonly number[]) => total(list) / list.length;
const deviation = (list: readonly number[]) => Math.sqrt(mean(list.map(v => (v - mean(list)) ** 2)));
const quantileOf = (q: number) => (list: readonly number[]) => {
  const sorted = [...list].sort((a, b) => a - b);
  const place = q * (list.length - 1);
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place % 1);
};
const measured = [...sums.filter(([shape]) => shape.length > 0 && !shape.includes(0)), [[1, 4], 1] as const, [[0, 2], 1] as const];
const statistics: Case[] = [true, false].flatMap(keepdims =>
  measured.flatMap(([shape, axis]): Case[] => {
    const over = (of: string, f: (x: Value) => Value, value: (list: number[]) => number): Case => ({
      of,
      f,
      inputs: [distinct(...shape)],
      expected: x => fold(value, x, axesOf(shape, axis), keepdims),
    });
    return [
      over("np.std", x => np.std(x, axis, { keepdims }), deviation),
      over(
        "np.ptp",
        x => np.ptp(x, axis, { keepdims }),
        list => Math.max(...list) - Math.min(...list),
      ),
      over("np.median", x => np.median(x, axis, { keepdims }), quantileOf(0.5)),
      ...[0, 0.3, 1].map(q => over("np.quantile", x => np.quantile(x, q, axis, { keepdims }), quantileOf(q))),
    ];
  }),
);

export const measures: readonly Case[] = [
  ...truth,
  ...statistics,
  {
    of: "np.quantile",
    f: x => np.quantile(x, [0.25, 0.5, 0.9], 0),
    inputs: [distinct(5, 2)],
    expected: x => ({ shape: [3, 2], data: [0.25, 0.5, 0.9].flatMap(q => fold(quantileOf(q), x, [0], false).data) }),
  },
  { of: "np.median", f: x => np.median(x), inputs: [integers(-9, 9, 6)], expected: x => fold(quantileOf(0.5), x, [0], false) },
  { of: "np.median", f: x => np.median(x), inputs: [integers(0, 9)], expected: x => x },
  {
    of: "np.std",
    f: x => np.std(x),
    inputs: [distinct(3)],
    expected: x => fold(deviation, x, [0], false),
    kinks: [{ name: "equal elements", inputs: [vector(2, 2, 2)], value: [0], gradient: [0, 0, 0] }],
  },
  {
    of: "np.quantile",
    f: x => np.quantile(x, 0.5),
    inputs: [distinct(3)],
    expected: x => fold(quantileOf(0.5), x, [0], false),
    kinks: [{ name: "NaN", inputs: [vector(1, NaN, 2)], value: [NaN], gradient: [0, 1, 0] }],
  },
];
