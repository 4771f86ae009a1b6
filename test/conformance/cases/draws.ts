import * as random from "../../../src/tensor/random.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, tabulate } from "./plain.js";
import { threefry } from "./random.js";

const { distinct, integers, positive } = inputsFor("draws");
const key = () => integers(-(2 ** 31), 2 ** 31, 2);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

const block = (k: readonly number[], i: number) => threefry(k, [0, i]);
const unsigned = (k: readonly number[], i: number) => (block(k, i)[0] ^ block(k, i)[1]) >>> 0;
/** Of 53 bits, as a quotient of whole numbers. */
const fine = (k: readonly number[], i: number) => {
  const [a, b] = block(k, i).map(w => BigInt(w >>> 0));
  return Number((a >> 5n) * 2n ** 26n + (b >> 6n)) / 2 ** 53;
};

const orderOf = (k: readonly number[], n: number): number[] => {
  const subkey = block(k, 1);
  return range(n).sort((i, j) => unsigned(subkey, i) - unsigned(subkey, j));
};
const gumbel = (k: readonly number[], i: number) => -Math.log(-Math.log((2 * Math.floor(unsigned(k, i) / 512) + 1) / 2 ** 24));
const largest = (list: readonly number[]) => list.indexOf(Math.max(...list));

const whole = (shape: readonly number[], low: number, high: number) => (k: Plain) => {
  let i = 0;
  return tabulate(shape, () => low + Math.floor(fine(k.data, i++) * (high - low)));
};

/** Positive, whatever the number. */
const weight = (p: Value) => p.abs().add(1);

export const draws: readonly Case[] = [
  ...(
    [
      [[], 0, 10],
      [[7], -3, 4],
      [[2, 3], 0, 2 ** 31],
      [[5], -(2 ** 31), 2 ** 31],
      [[0], 0, 1],
    ] as const
  ).map(([shape, low, high]): Case => ({
    of: "random.randint",
    f: k => random.randint(k, shape, low, high),
    inputs: [key()],
    expected: whole(shape, low, high),
  })),
  {
    of: "random.randint",
    f: (k, high) => random.randint(k, [2, 3], 0, high),
    inputs: [key(), integers(1, 99, 3)],
    expected: (k, high) => {
      let i = 0;
      return tabulate([2, 3], (_, j) => Math.floor(fine(k.data, i++) * high.data[j]));
    },
  },
  ...[0, 1, 2, 9].map((n): Case => ({
    of: "random.permutation",
    f: k => random.permutation(k, n),
    inputs: [key()],
    expected: k => ({ shape: [n], data: orderOf(k.data, n) }),
  })),
  ...[0, -1].map((axis): Case => ({
    of: "random.permutation",
    f: (k, x) => random.permutation(k, x, axis),
    inputs: [key(), distinct(4, 4)],
    expected: (k, x) => {
      const order = orderOf(k.data, 4);
      return tabulate([4, 4], (i, j) => (axis === 0 ? at(x, [order[i], j]) : at(x, [i, order[j]])));
    },
  })),
  {
    of: "random.categorical",
    f: (k, logits) => random.categorical(k, logits),
    inputs: [key(), distinct(0, 3)],
    expected: () => ({ shape: [0], data: [] }),
  },
  { of: "random.choice", f: k => random.choice(k, 9, [0]), inputs: [key()], expected: () => ({ shape: [0], data: [] }) },
  {
    of: "random.categorical",
    f: (k, logits) => random.categorical(k, logits),
    inputs: [key(), distinct(3, 4)],
    expected: (k, logits) => tabulate([3], i => largest(range(4).map(j => at(logits, [i, j]) + gumbel(k.data, 4 * i + j)))),
  },
  {
    of: "random.categorical",
    f: (k, logits) => random.categorical(k, logits, 0, [2, 3]),
    inputs: [key(), distinct(4, 3)],
    expected: (k, logits) =>
      tabulate([2, 3], (i, j) => largest(range(4).map(c => at(logits, [c, j]) + gumbel(k.data, 12 * i + 3 * c + j)))),
  },
  { of: "random.choice", f: k => random.choice(k, 9, [2, 2]), inputs: [key()], expected: whole([2, 2], 0, 9) },
  {
    of: "random.choice",
    f: (k, x) => random.choice(k, x, [3], { replace: false, axis: 1 }),
    inputs: [key(), distinct(2, 5)],
    expected: (k, x) => tabulate([2, 3], (i, j) => at(x, [i, orderOf(k.data, 5)[j]])),
  },
  {
    of: "random.choice",
    f: (k, p) => random.choice(k, 4, 6, { p: weight(p) }),
    inputs: [key(), positive(4)],
    expected: (k, p) => {
      const ends = p.data.map((_, i) => p.data.slice(0, i + 1).reduce((a, b) => a + Math.abs(b) + 1, 0));
      return tabulate([6], i => ends.findIndex(end => fine(k.data, i) < end / ends[3]));
    },
  },
  {
    of: "random.choice",
    f: (k, p) => random.choice(k, 5, 3, { p: weight(p), replace: false }),
    inputs: [key(), positive(5)],
    expected: (k, p) => {
      const noisy = p.data.map((v, i) => Math.log(Math.abs(v) + 1) + gumbel(k.data, i));
      return {
        shape: [3],
        data: range(5)
          .sort((i, j) => noisy[j] - noisy[i])
          .slice(0, 3),
      };
    },
  },
];
