import * as nn from "../../../src/tensor/nn.js";
import * as np from "../../../src/tensor/np/index.js";
import { apply } from "../../../src/tensor/operation.js";
import * as random from "../../../src/tensor/random.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, tabulate, zip } from "./plain.js";

const { integers, real } = inputsFor("random");

/** Threefry-2x32-20 on numbers without a sign, as its authors' C code goes: a switch over the rounds. */
export function threefry([k0, k1]: readonly number[], counter: readonly number[]): number[] {
  const keys = [k0, k1, 0x1bd11bda ^ k0 ^ k1];
  let [x, y] = [(counter[0] + k0) >>> 0, (counter[1] + k1) >>> 0];
  for (let round = 0; round < 20; round++) {
    const places = [13, 15, 26, 6, 17, 29, 16, 24][round % 8];
    x = (x + y) >>> 0;
    y = ((y * 2 ** places) % 2 ** 32) + Math.floor(y / 2 ** (32 - places));
    y = (x ^ y) >>> 0;
    if (round % 4 < 3) continue;
    const turn = (round + 1) / 4;
    x = (x + keys[turn % 3]) >>> 0;
    y = (y + keys[(turn + 1) % 3] + turn) >>> 0;
  }
  return [x, y];
}
const word = (x: number): number => x | 0;
const bitsOf = (key: Plain, shape: readonly number[]): Plain => {
  let counter = 0;
  return tabulate(shape, () => {
    const [a, b] = threefry(key.data, [0, counter++]);
    return word(a ^ b);
  });
};
const uniformOf = (key: Plain, shape: readonly number[]): Plain => zip(x => Math.floor((x >>> 0) / 512) / 2 ** 23, bitsOf(key, shape));

const key = () => integers(-(2 ** 31), 2 ** 31, 2);
const drawn = [[], [1], [5], [2, 3], [3, 1, 2], [0], [0, 3], [3, 0]];

/** Bits of whole numbers, also of negative ones and beyond 31 places. */
const bitwise = (of: "xor" | "shiftLeft" | "shiftRight", value: (x: number, y: number) => number): Case[] => [
  ...[[], [1], [7], [2, 3], [0], [0, 3], [3, 0]].map((shape): Case => ({
    of: `op.${of}`,
    f: (x, y) => apply(of, [x, y], {}),
    inputs: [integers(-(2 ** 31), 2 ** 31, ...shape), integers(-40, 70, ...shape)],
    expected: (x, y) => zip(value, x, y),
  })),
  ...[0, 1, 13, 31, 32, -1].map((places): Case => ({
    of: `op.${of}`,
    f: x => apply(of, [x, np.full([6], places, "int32")], {}),
    inputs: [integers(-(2 ** 31), 2 ** 31, 6)],
    expected: x => zip(v => value(v, places), x),
  })),
];
/** Multiplication and division by powers of two, modulo 2³². */
const modulo32 = (places: number) => ((places % 32) + 32) % 32;
const left = (x: number, places: number) => Number(BigInt.asIntN(32, BigInt(x) * 2n ** BigInt(modulo32(places))));
const right = (x: number, places: number) => word(Math.floor((x >>> 0) / 2 ** modulo32(places)));
const exclusive = (x: number, y: number) => Number(BigInt.asIntN(32, BigInt(x) ^ BigInt(y)));

export const randomness: readonly Case[] = [
  ...bitwise("xor", exclusive),
  ...bitwise("shiftLeft", left),
  ...bitwise("shiftRight", right),
  ...[0, 1, 42, 2 ** 32 - 1, 2 ** 40 + 3].map((seed): Case => ({
    of: "random.key",
    f: () => random.key(seed),
    inputs: [],
    expected: () => ({ shape: [2], data: [word(Math.floor(seed / 2 ** 32)), word(seed)] }),
  })),
  { of: "random.key", f: s => random.key(s), inputs: [integers(-5, 9)], expected: s => ({ shape: [2], data: [0, s.data[0]] }) },
  {
    of: "random.foldIn",
    f: random.foldIn,
    inputs: [key(), integers(0, 100)],
    expected: (k, step) => ({ shape: [2], data: threefry(k.data, [0, step.data[0]]).map(word) }),
  },
  ...[0, -1, 7, 2 ** 32 - 1].map((data): Case => ({
    of: "random.foldIn",
    f: k => random.foldIn(k, data),
    inputs: [key()],
    expected: k => ({ shape: [2], data: threefry(k.data, [0, data >>> 0]).map(word) }),
  })),
  ...[undefined, 1, 5, 0].map((n): Case => ({
    of: "random.split",
    f: k => random.split(k, n),
    inputs: [key()],
    expected: k => tabulate([n ?? 2, 2], (i, j) => word(threefry(k.data, [0, i])[j])),
  })),
  ...drawn.flatMap((shape): Case[] => [
    { of: "random.bits", f: k => random.bits(k, shape), inputs: [key()], expected: k => bitsOf(k, shape) },
    { of: "random.uniform", f: k => random.uniform(k, shape), inputs: [key()], expected: k => uniformOf(k, shape) },
    {
      // erf(x/√2) gives back the uniform number of the odd multiple of 2⁻²⁴ that x was made from.
      of: "random.normal",
      f: k => np.less(np.abs(np.erf(random.normal(k, shape).mul(Math.SQRT1_2)).sub(random.uniform(k, shape, -1, 1))), 1e-6),
      inputs: [key()],
      expected: () => tabulate(shape, () => 1),
    },
    {
      of: "random.bernoulli",
      f: k => random.bernoulli(k, 0.3, shape),
      inputs: [key()],
      expected: k => zip(u => +(u < Math.fround(0.3)), uniformOf(k, shape)),
    },
    {
      of: "nn.dropout",
      f: (x: Value, k: Value) => nn.dropout(x, 0.3, k),
      inputs: [real(...shape), key()],
      expected: (x, k) => zip((v, u) => (u < Math.fround(0.7) ? v / 0.7 : 0), x, uniformOf(k, x.shape)),
    },
  ]),
  {
    of: "random.uniform",
    f: (k, low, high) => random.uniform(k, [2, 3], low, high),
    inputs: [key(), real(), real(3)],
    expected: (k, low, high) => zip((u, a, b) => u * (b - a) + a, uniformOf(k, [2, 3]), low, high),
  },
  {
    of: "random.uniform",
    f: k => random.uniform(k, [4], -2, 3),
    inputs: [key()],
    expected: k => zip(u => 5 * u - 2, uniformOf(k, [4])),
  },
  {
    of: "random.bernoulli",
    f: (k, p) => random.bernoulli(k, p),
    inputs: [key(), vector(0, 0.25, 0.5, 1)],
    expected: (k, p) => tabulate([4], i => +(at(uniformOf(k, [4]), [i]) < p.data[i])),
  },
  { of: "random.bernoulli", f: k => random.bernoulli(k), inputs: [key()], expected: k => zip(u => +(u < 0.5), uniformOf(k, [])) },
  {
    of: "nn.dropout",
    f: (x, k) => nn.dropout(x, 0, k),
    inputs: [real(6), key()],
    expected: x => x,
  },
  {
    of: "nn.dropout",
    f: (x, k) => nn.dropout(x, 0.5, random.foldIn(k, 3)),
    inputs: [vector(1e4, -1e4, 100, -100, 0, 1, -1, 2), key()],
    expected: (x, k) => zip((v, u) => (u < 0.5 ? 2 * v : 0), x, uniformOf({ shape: [2], data: threefry(k.data, [0, 3]) }, x.shape)),
  },
];
