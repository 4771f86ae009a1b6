import { customGradient } from "../../../src/tensor/custom-gradient.js";
import * as np from "../../../src/tensor/np/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import { at, tabulate, total, zip } from "./plain.js";

const { integers, real } = inputsFor("custom");

/** With the true derivatives as rules, so that differences say whether the rules are used rightly in every order. */
const exponential = customGradient(
  (x: Value) => np.exp(x),
  (g, _, y) => g.mul(y),
);
const cube = customGradient(
  (x: Value) => x.mul(x).mul(x),
  (g, x) => g.mul(x).mul(x).mul(3),
);
const product = customGradient(
  ({ a, b }: { a: Value; b: Value }) => np.matmul(a, b),
  (g, { a, b }) => ({ a: np.outer(g, b), b: np.matmul(a.T, g) }),
);
const picked = customGradient(
  ([x, i]: Value[]) => np.take(x, i, 0),
  (g, [x, i]) => [np.scatterAdd(np.zerosLike(x), i, g), i],
);
export const custom: readonly Case[] = [
  ...[[], [4], [2, 3], [0]].flatMap((shape): Case[] => [
    { of: "customGradient", f: exponential, inputs: [real(...shape)], expected: x => zip(Math.exp, x) },
    {
      of: "customGradient",
      f: x => cube(np.sin(x)).mul(x),
      inputs: [real(...shape)],
      expected: x => zip(v => Math.sin(v) ** 3 * v, x),
    },
  ]),
  {
    of: "customGradient",
    f: (a, b) => product({ a, b }),
    inputs: [real(2, 3), real(3)],
    expected: (a, b) => tabulate([2], i => total([0, 1, 2].map(k => at(a, [i, k]) * at(b, [k])))),
  },
  // One value in both places, and one custom derivative inside another's argument.
  {
    of: "customGradient",
    f: x => exponential(product({ a: np.outer(x, x), b: cube(x) })),
    inputs: [vector(0.5, -0.75)],
    expected: x => tabulate([2], i => Math.exp(at(x, [i]) * total(x.data.map(v => v ** 4)))),
  },
  {
    of: "customGradient",
    f: (x, i) => picked([x, i]),
    inputs: [real(4), integers(0, 4, 3)],
    expected: (x, i) => tabulate([3], k => at(x, [Math.min(3, at(i, [k]))])),
  },
];
