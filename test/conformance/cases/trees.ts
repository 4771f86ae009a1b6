import * as tree from "../../../src/tensor/tree-functions.js";
import type { Case } from "./case.js";
import { inputsFor } from "./inputs.js";
import { total, zip } from "./plain.js";

const { real } = inputsFor("trees");

const scalar = (value: number) => ({ shape: [], data: [value] });

export const trees: readonly Case[] = [
  {
    of: "tree.map",
    f: (a, b, c) => tree.map((x, y) => x.mul(y).add(x), { w: a, list: [b] }, { w: b, list: [c] }).list[0],
    inputs: [real(3), real(2, 3), real(3)],
    expected: (_, b, c) => zip((x, y) => x * y + x, b, c),
  },
  { of: "tree.map", f: a => tree.map(x => x.mul(x), a), inputs: [real(2)], expected: a => zip(x => x * x, a) },
  {
    of: "tree.leaves",
    f: (a, b) => tree.leaves({ first: a, rest: [[b], a] }).reduce((x, y) => x.mul(y)),
    inputs: [real(3), real(3)],
    expected: (a, b) => zip((x, y) => x * y * x, a, b),
  },
  { of: "tree.zerosLike", f: (a, b) => tree.zerosLike({ a, list: [b] }).list[0].add(a), inputs: [real(3), real(3)], expected: a => a },
  {
    of: "tree.sumSquares",
    f: (a, b, c) => tree.sumSquares({ a, list: [b, c] }),
    inputs: [real(3), real(2, 2), real()],
    expected: (...all) => scalar(total(all.flatMap(({ data }) => data.map(v => v * v)))),
  },
  { of: "tree.sumSquares", f: () => tree.sumSquares([]), inputs: [], expected: () => scalar(0) },
  {
    of: "tree.dot",
    f: (a, b, c, d) => tree.dot({ p: a, q: [b] }, { p: c, q: [d] }),
    inputs: [real(3), real(2, 2), real(3), real(2, 2)],
    expected: (a, b, c, d) => scalar(total([...zip((x, y) => x * y, a, c).data, ...zip((x, y) => x * y, b, d).data])),
  },
  { of: "tree.dot", f: () => tree.dot({}, {}), inputs: [], expected: () => scalar(0) },
];
