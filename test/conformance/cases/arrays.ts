import * as np from "../../../src/tensor/np/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import type { Plain } from "./plain.js";
import { along, at, indices, tabulate } from "./plain.js";

const { integers, real, truths } = inputsFor("arrays");
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const wrap = (i: number, n: number) => ((i % n) + n) % n;
const flat = (x: Plain): Plain => ({ shape: [x.data.length], data: x.data });

const tiles: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], [3]],
  [[2], [2]],
  [[2, 3], [2]],
  [
    [2, 3],
    [2, 1],
  ],
  [[2], [2, 1, 3]],
  [[3], [0]],
  [[0, 2], [2]],
  [[2, 2], []],
];
const tiled = (x: Plain, times: readonly number[]): Plain => {
  const rank = Math.max(x.shape.length, times.length);
  const shape = [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const all = [...new Array<number>(rank - times.length).fill(1), ...times];
  return tabulate(
    shape.map((d, i) => d * all[i]),
    (...index) =>
      at(
        { shape, data: x.data },
        index.map((v, i) => v % shape[i]),
      ),
  );
};

const repeated = (x: Plain, times: number | readonly number[], axis: number): Plain => {
  const n = x.shape[axis];
  const from = range(n).flatMap(i => new Array<number>(typeof times === "number" ? times : times[i]).fill(i));
  return tabulate(x.shape.with(axis, from.length), (...index) => at(x, index.with(axis, from[index[axis]])));
};
const repeats: readonly (readonly [readonly number[], number | readonly number[], number])[] = [
  [[3], 2, 0],
  [[2, 3], 2, 1],
  [[2, 3], 3, 0],
  [[2, 3], [2, 0, 1], 1],
  [[2, 2, 2], [1, 3], 1],
  [[2], 0, 0],
  [[2, 2], [0, 0], 0],
  [[0], 2, 0],
];

const rolls: readonly (readonly [readonly number[], number | readonly number[], number | readonly number[]])[] = [
  [[5], 2, 0],
  [[5], -1, 0],
  [[2, 3], 7, 1],
  [[2, 3], 1, -2],
  [
    [3, 4],
    [1, -2],
    [0, 1],
  ],
  [[3, 4], 1, [0, 1]],
  [[0, 2], 1, 0],
  [[1], 5, 0],
];
const moved = (x: Plain, shift: number | readonly number[], axis: number | readonly number[]): Plain => {
  const axes = [axis].flat().map(a => wrap(a, x.shape.length));
  return tabulate(x.shape, (...index) =>
    at(
      x,
      index.map((v, i) =>
        axes.reduce((place, a, k) => (a === i ? wrap(place - (typeof shift === "number" ? shift : shift[k]), x.shape[i]) : place), v),
      ),
    ),
  );
};

const order: Case[] = [
  ...tiles.map(([shape, times]): Case => ({
    of: "np.tile",
    f: x => np.tile(x, times),
    inputs: [real(...shape)],
    expected: x => tiled(x, times),
  })),
  { of: "np.tile", f: x => np.tile(x, 2, 3), inputs: [integers(-5, 5, 2)], expected: x => tiled(x, [2, 3]) },
  ...repeats.map(([shape, times, axis]): Case => ({
    of: "np.repeat",
    f: x => np.repeat(x, times, axis),
    inputs: [real(...shape)],
    expected: x => repeated(x, times, axis),
  })),
  { of: "np.repeat", f: x => np.repeat(x, 2), inputs: [real(2, 2)], expected: x => repeated(flat(x), 2, 0) },
  { of: "np.repeat", f: x => np.repeat(x, 2), inputs: [truths(3)], expected: x => repeated(x, 2, 0) },
  ...rolls.map(([shape, shift, axis]): Case => ({
    of: "np.roll",
    f: x => np.roll(x, shift, axis),
    inputs: [real(...shape)],
    expected: x => moved(x, shift, axis),
  })),
  {
    of: "np.roll",
    f: x => np.roll(x, 2),
    inputs: [integers(-9, 9, 2, 3)],
    expected: x => ({ shape: x.shape, data: moved(flat(x), 2, 0).data }),
  },
  ...(
    [
      [[4], 1, -1],
      [[2, 3], 1, 0],
      [[5], 2, 0],
      [[3], 0, 0],
      [[2], 3, 0],
      [[0, 2], 1, 0],
    ] as const
  ).map(([shape, n, axis]): Case => ({
    of: "np.diff",
    f: x => np.diff(x, n, axis),
    inputs: [real(...shape)],
    expected: x => {
      const a = wrap(axis, shape.length);
      let y = x;
      for (let i = 0; i < n && y.shape[a] > 0; i++) {
        const before = y;
        y = tabulate(y.shape.with(a, y.shape[a] - 1), (...index) => at(before, index.with(a, index[a] + 1)) - at(before, index));
      }
      return y;
    },
  })),
  ...(
    [
      [[2, 3], 0, 1],
      [[2, 3, 4], 0, -1],
      [[2, 3], 1, 1],
      [[0, 2], 0, 1],
    ] as const
  ).map(([shape, a, b]): Case => ({
    of: "np.swapaxes",
    f: x => np.swapaxes(x, a, b),
    inputs: [real(...shape)],
    expected: x => {
      const [p, q] = [a, wrap(b, shape.length)];
      const turn = (list: readonly number[]) => list.with(p, list[q]).with(q, list[p]);
      return tabulate(turn(x.shape), (...index) => at(x, turn(index)));
    },
  })),
];

const offsets = [0, 1, -1, 2, -4];
const diagonal = (x: Plain, k: number): Plain => {
  const found = indices(x.shape).filter(([i, j]) => j - i === k);
  return { shape: [found.length], data: found.map(index => at(x, index)) };
};
const matrices: Case[] = [
  ...offsets.flatMap((k): Case[] => [
    ...[
      [3, 3],
      [2, 4],
      [4, 2],
      [0, 2],
    ].map((shape): Case => ({
      of: "np.diag",
      f: x => np.diag(x, k),
      inputs: [real(...shape)],
      expected: x => diagonal(x, k),
    })),
    ...[[1], [3], [0]].map((shape): Case => ({
      of: "np.diag",
      f: x => np.diag(x, k),
      inputs: [real(...shape)],
      expected: x => {
        const n = x.data.length + Math.abs(k);
        return tabulate([n, n], (i, j) => (j - i === k ? x.data[Math.min(i, j)] : 0));
      },
    })),
    ...[
      [3, 3],
      [2, 4],
      [2, 3, 2],
      [2, 0],
    ].flatMap((shape): Case[] => {
      const part = (keep: (d: number) => boolean) => (x: Plain) =>
        tabulate(shape, (...index) => (keep(index.at(-1)! - index.at(-2)!) ? at(x, index) : 0));
      return [
        { of: "np.tril", f: x => np.tril(x, k), inputs: [real(...shape)], expected: part(d => d <= k) },
        { of: "np.triu", f: x => np.triu(x, k), inputs: [real(...shape)], expected: part(d => d >= k) },
      ];
    }),
  ]),
  { of: "np.diag", f: x => np.diag(x), inputs: [integers(-5, 5, 3)], expected: x => tabulate([3, 3], (i, j) => (i === j ? x.data[i] : 0)) },
  {
    of: "np.tril",
    f: x => np.tril(x),
    inputs: [integers(-5, 5, 2, 2)],
    expected: x => tabulate([2, 2], (i, j) => (j <= i ? at(x, [i, j]) : 0)),
  },
];

const products = (list: readonly number[]) => list.map((_, i) => list.slice(0, i + 1).reduce((a, b) => a * b, 1));
const scans: Case[] = [
  ...(
    [
      [[1], 0],
      [[6], -1],
      [[5, 2], 0],
      [[2, 4, 2], 1],
      [[0], 0],
      [[2, 0], 0],
    ] as const
  ).map(([shape, axis]: readonly [readonly number[], number]): Case => ({
    of: "np.cumprod",
    f: x => np.cumprod(x, axis),
    inputs: [real(...shape)],
    expected: x => along(products, x, wrap(axis, shape.length)),
  })),
  // Differences see the derivatives at zeros too.
  { of: "np.cumprod", f: x => np.cumprod(x), inputs: [vector(0.5, 0, -2, 0, 1.5)], expected: x => along(products, x, 0) },
  { of: "np.cumprod", f: x => np.cumprod(x), inputs: [integers(-3, 4, 2, 3)], expected: x => along(products, flat(x), 0) },
  { of: "np.cumprod", f: x => np.cumprod(x, 0), inputs: [truths(4)], expected: x => along(products, x, 0) },
];

const steps = (low: Plain, high: Plain, n: number, parts: number): Plain =>
  tabulate([n, ...low.shape], (i, ...index) => at(low, index) + (parts > 0 ? (i * (at(high, index) - at(low, index))) / parts : 0));
const made: Case[] = [
  ...[0, 1, 2, 5, 50].flatMap((n): Case[] => [
    { of: "np.linspace", f: (a, b) => np.linspace(a, b, n), inputs: [real(), real()], expected: (a, b) => steps(a, b, n, n - 1) },
    {
      of: "np.linspace",
      f: (a, b) => np.linspace(a, b, n, { endpoint: false }),
      inputs: [real(2), real(2)],
      expected: (a, b) => steps(a, b, n, n),
    },
  ]),
  { of: "np.linspace", f: x => np.linspace(x, 3), inputs: [integers(0, 3)], expected: x => steps(x, { shape: [], data: [3] }, 50, 49) },
  ...(["xy", "ij"] as const).flatMap(indexing =>
    [[2, 3], [4], [2, 1, 3], [0, 2]].flatMap(lengths =>
      range(lengths.length).map((i): Case => ({
        of: "np.meshgrid",
        f: (...all: Value[]) => np.meshgrid(all, { indexing })[i],
        inputs: lengths.map(n => real(n)),
        expected: (...all) => {
          const swap = indexing === "xy" && lengths.length > 1;
          const turn = (list: readonly number[]) => (swap ? [list[1], list[0], ...list.slice(2)] : list);
          return tabulate(turn(lengths), (...index) => all[i].data[turn(index)[i]]);
        },
      })),
    ),
  ),
];

export const arrays: readonly Case[] = [...order, ...matrices, ...scans, ...made];
