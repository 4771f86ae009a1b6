import * as lax from "../../../src/tensor/lax.js";
import * as linalg from "../../../src/tensor/linalg.js";
import * as np from "../../../src/tensor/np/index.js";
import { apply } from "../../../src/tensor/operation.js";
import * as tree from "../../../src/tensor/tree-functions.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor } from "./inputs.js";
import type { Plain } from "./plain.js";
import { tabulate, total, zip } from "./plain.js";

const { real, truths } = inputsFor("edges");

type Shape = readonly number[];
const one = (of: string, f: (x: Value) => Value, shape: Shape, result: Shape): Case => ({
  of,
  f,
  inputs: [real(...shape)],
  expected: x => ({ shape: result, data: x.data }),
});
const scalar = (value: number): Plain => ({ shape: [], data: [value] });
const squares = (...all: Plain[]) => scalar(total(all.flatMap(({ data }) => data.map(v => v * v))));

/** Arrays without elements, and single numbers, of what the other files give larger arrays only. */
export const edges: readonly Case[] = [
  ...[[0], [0, 3], [3, 0]].flatMap((shape): Case[] => [
    one("np.clip", x => np.clip(x, -1, 1), shape, shape),
    one("np.astype", x => np.astype(np.astype(x, np.float64), np.float32), shape, shape),
    one("np.moveaxis", x => np.moveaxis(x, 0, -1), shape, shape.length > 1 ? [...shape].reverse() : shape),
    one("np.expandDims", x => np.expandDims(x, 0), shape, [1, ...shape]),
    one("np.squeeze", x => np.squeeze(x), [1, ...shape], shape),
    one("np.broadcastTo", x => np.broadcastTo(x, [2, ...shape]), shape, [2, ...shape]),
    one("tree.map", x => tree.map(v => v.mul(1), [x])[0], shape, shape),
    one("tree.leaves", x => tree.leaves({ x })[0], shape, shape),
    one("tree.zerosLike", x => tree.zerosLike([x])[0].add(x), shape, shape),
    { of: "tree.sumSquares", f: x => tree.sumSquares([x, x]), inputs: [real(...shape)], expected: () => scalar(0) },
    { of: "tree.dot", f: x => tree.dot({ x }, { x }), inputs: [real(...shape)], expected: () => scalar(0) },
  ]),
  ...[
    [[0, 2, 3], [4, 2, 2], [0, 4, 4]], // prettier-ignore
    [[2, 2, 3], [0, 2, 2], [2, 0, 4]], // prettier-ignore
  ].map(([x, w, y]): Case => ({
    of: "lax.convTranspose",
    f: (a, b) => lax.convTranspose(a, b, [1], "VALID"),
    inputs: [real(...x), real(...w)],
    expected: () => ({ shape: y, data: [] }),
  })),
  one("op.cholesky", x => apply("cholesky", [x], {}), [0, 2, 2], [0, 2, 2]),
  one("linalg.cholesky", x => linalg.cholesky(x), [3, 0, 0], [3, 0, 0]),
  { of: "np.outer", f: np.outer, inputs: [real(0), real(3)], expected: () => ({ shape: [0, 3], data: [] }) },

  { of: "np.logicalNot", f: np.logicalNot, inputs: [truths()], expected: x => zip(v => +!v, x) },
  one("np.astype", x => np.astype(np.astype(x, np.float64), np.float32), [], []),
  one("tree.map", x => tree.map(v => v.mul(1), { x }).x, [], []),
  one("tree.leaves", x => tree.leaves([[x]])[0], [], []),
  one("tree.zerosLike", x => tree.zerosLike([x])[0].add(x), [], []),
  { of: "tree.dot", f: x => tree.dot([x], [x]), inputs: [real()], expected: squares },
  {
    of: "op.iota",
    f: () => apply("iota", [], { axis: 0 }, { shape: [0, 3], dtype: "int32" }),
    inputs: [],
    expected: () => tabulate([0, 3], () => 0),
  },
];
