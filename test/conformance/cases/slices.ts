import * as np from "../../../src/tensor/np/index.js";
import type { HostArray } from "../../../src/tensor/types.js";
import type { SliceItem } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, tabulate } from "./plain.js";

const { integers, real, truths } = inputsFor("slices");

/** Python's slice of 0 … n − 1 by its definition: walk from start by step until stop is reached. */
export function walk(n: number, item: readonly (number | null)[]): number[] {
  const [first = null, stop = null, jump = null] = item;
  const step = jump ?? 1;
  const fromEnd = (v: number) => (v < 0 ? v + n : v);
  const into = (v: number) => (step > 0 ? Math.max(0, v) : Math.min(n - 1, v));
  const begin = first === null ? (step > 0 ? 0 : n - 1) : into(fromEnd(first));
  const end = stop === null ? (step > 0 ? n : -1) : fromEnd(stop);
  const walked: number[] = [];
  for (let i = begin; (step > 0 ? i < end : i > end) && i >= 0 && i < n; i += step) walked.push(i);
  return walked;
}

// prettier-ignore
const slices: readonly (readonly [readonly number[], readonly SliceItem[]])[] = [
  [[], []], [[5], []], [[5], [0]], [[5], [-1]], [[5], [[1, 4]]], [[5], [[null, null, 2]]], [[5], [[null, null, -1]]], [[5], [[4, 0, -2]]],
  [[5], [[-2, null]]], [[5], [[3, 1]]], [[5], [[]]], [[2, 3], [1]], [[2, 3], [null, 1]], [[2, 3], [null, [null, null, -1]]],
  [[2, 3], [[0, 1], [1, 3]]], [[2, 3], [-1, -1]], [[4, 3, 5], [[null, null, -2], 1, [1, 5, 3]]], [[3, 2, 2], [null, 0]], [[0, 2], [[null, 3]]],
  [[2, 3], [[5, 9]]],
];

const sliced =
  (items: readonly SliceItem[]) =>
  (x: Plain): Plain => {
    const lists = x.shape.map((n, axis) => {
      const item = items[axis] ?? [];
      return typeof item === "number" ? [item < 0 ? item + n : item] : walk(n, item);
    });
    const { shape, data } = tabulate(
      lists.map(list => list.length),
      (...index) =>
        at(
          x,
          index.map((i, axis) => lists[axis][i]),
        ),
    );
    return { data, shape: shape.filter((_, axis) => typeof items[axis] !== "number") };
  };

const slice = (x: HostArray, items: readonly SliceItem[]): Case => ({
  of: "np.slice",
  f: v => np.slice(v, ...items),
  inputs: [x],
  expected: sliced(items),
});

export const cuts: readonly Case[] = [
  ...slices.map(([shape, items]) => slice(real(...shape), items)),
  slice(integers(0, 9, 3, 2), [[null, null, -1], 1]),
  slice(truths(4), [[1, 3]]),
];
