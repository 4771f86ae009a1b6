import * as np from "../../../src/tensor/np/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Binary, Case } from "./case.js";
import { inputsFor, pairs, vector } from "./inputs.js";
import { zip } from "./plain.js";

const { grid, integers, real, truths } = inputsFor("logic");

/** Cases of a comparison or of logic: the results are 0 and 1, and nothing has a derivative. */
const comparison = (of: string, f: Binary, holds: (x: number, y: number) => boolean): Case[] => [
  ...pairs.map(([a, b]): Case => ({
    of,
    f,
    inputs: [grid(0, ...a), grid(0, ...b)],
    expected: (x, y) => zip((p, q) => +holds(p, q), x, y),
  })),
  {
    of,
    f,
    inputs: [vector(NaN, NaN, 1, Infinity, -0), vector(NaN, 1, NaN, Infinity, 0)],
    expected: (x, y) => zip((p, q) => +holds(p, q), x, y),
  },
  { of, f, inputs: [integers(0, 3, 6), integers(0, 3, 6)], expected: (x, y) => zip((p, q) => +holds(p, q), x, y) },
  { of, f, inputs: [integers(0, 3, 6), real(6)], expected: (x, y) => zip((p, q) => +holds(p, q), x, y) },
  { of, f, inputs: [truths(6), truths(6)], expected: (x, y) => zip((p, q) => +holds(p, q), x, y) },
  { of, f: x => f(x, 1), inputs: [integers(0, 3, 6)], expected: x => zip(p => +holds(p, 1), x) },
  { of, f: x => f(0.5, x), inputs: [integers(0, 3, 6)], expected: x => zip(p => +holds(0.5, p), x) },
];

const logical = (of: string, f: (x: Value, y: Value) => Value, holds: (x: boolean, y: boolean) => boolean): Case[] =>
  pairs.flatMap(([a, b]): Case[] => [
    { of, f, inputs: [truths(...a), truths(...b)], expected: (x, y) => zip((p, q) => +holds(p !== 0, q !== 0), x, y) },
    { of, f, inputs: [integers(-1, 2, ...a), truths(...b)], expected: (x, y) => zip((p, q) => +holds(p !== 0, q !== 0), x, y) },
  ]);

export const logic: readonly Case[] = [
  ...comparison("np.less", np.less, (x, y) => x < y),
  ...comparison("np.lessEqual", np.lessEqual, (x, y) => x <= y),
  ...comparison("np.greater", np.greater, (x, y) => x > y),
  ...comparison("np.greaterEqual", np.greaterEqual, (x, y) => x >= y),
  ...comparison("np.equal", np.equal, (x, y) => x === y),
  ...comparison("np.notEqual", np.notEqual, (x, y) => x !== y),
  ...logical("np.logicalAnd", np.logicalAnd, (x, y) => x && y),
  ...logical("np.logicalOr", np.logicalOr, (x, y) => x || y),
  ...[truths(5), integers(-1, 2, 2, 3), real(3), truths(0)].map((x): Case => ({
    of: "np.logicalNot",
    f: np.logicalNot,
    inputs: [x],
    expected: p => zip(v => +!v, p),
  })),

  ...pairs.flatMap(([a, b]): Case[] => [
    {
      of: "np.where",
      f: np.where,
      inputs: [truths(...a), real(...b), real(...a)],
      expected: (c, x, y) => zip((p, q, r) => (p ? q : r), c, x, y),
      jax: (j, c, x, y) => j.np.where(j.np.equal(c, 1), x, y),
    },
    {
      of: "np.where",
      f: (c, x, y) => np.where(c, x.mul(y), y),
      inputs: [truths(...b), real(...a), real(...b)],
      expected: (c, x, y) => zip((p, q, r) => (p ? q * r : r), c, x, y),
    },
  ]),
  {
    of: "np.where",
    f: (c, x) => np.where(c, x, 0.25),
    inputs: [truths(3, 1), real(4)],
    expected: (c, x) => zip((p, q) => (p ? q : 0.25), c, x),
  },
  {
    of: "np.where",
    f: (c, x) => np.where(c, 2, x),
    inputs: [integers(-1, 2, 4), real(4)],
    expected: (c, x) => zip((p, q) => (p ? 2 : q), c, x),
  },
  {
    of: "np.where",
    f: np.where,
    inputs: [truths(6), integers(0, 9, 6), integers(0, 9, 6)],
    expected: (c, x, y) => zip((p, q, r) => (p ? q : r), c, x, y),
  },
  { of: "np.where", f: np.where, inputs: [truths(6), truths(6), truths(6)], expected: (c, x, y) => zip((p, q, r) => (p ? q : r), c, x, y) },
];
