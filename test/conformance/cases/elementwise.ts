import * as np from "../../../src/tensor/np/index.js";
import type { HostArray } from "../../../src/tensor/types.js";
import type { Value } from "../../../src/tensor/value.js";
import { erf as erfOf } from "../../../src/tensor/special.js";
import type { Binary, Case, Kink, Unary } from "./case.js";
import { inputsFor, pairs, shapes, vector } from "./inputs.js";
import { zip } from "./plain.js";

const { distinct, grid, integers, nonzero, positive, real, truths } = inputsFor("elementwise");

type Jax = Case["jax"];

/** Cases of a function of one element over all shapes. */
export const unary = (
  of: string,
  f: Unary,
  value: (x: number) => number,
  jax?: Jax,
  inputs: (...shape: number[]) => HostArray = inputsFor(of).real,
  kinks?: readonly Kink[],
): Case[] =>
  shapes.map((shape, i) => ({
    of,
    f,
    jax,
    inputs: [inputs(...shape)],
    expected: x => zip(value, x),
    kinks: i === 0 ? kinks : undefined,
  }));

/** Cases of a function of two elements over all pairs of shapes, and with a number on either side. */
export const binary = (
  of: string,
  f: Binary,
  value: (x: number, y: number) => number,
  jax?: Jax,
  [left, right]: readonly ((...shape: number[]) => HostArray)[] = [inputsFor(of).real, inputsFor(of).real],
  kinks?: readonly Kink[],
  alone: (...shape: number[]) => HostArray = inputsFor(of).real,
): Case[] => [
  ...pairs.map(([a, b], i): Case => ({
    of,
    f,
    jax,
    inputs: [left(...a), right(...b)],
    expected: (x, y) => zip(value, x, y),
    kinks: i === 0 ? kinks : undefined,
  })),
  // One value on both sides: the cotangents add up.
  {
    of,
    f: x => f(x.slice([0, 2]), x.slice([2, 4])).add(f(x.slice([1, 3]), x.slice([2, 4]))),
    inputs: [alone(4)],
    expected: ({ data: [a, b, c, d] }) => ({ shape: [2], data: [value(a, c) + value(b, c), value(b, d) + value(c, d)] }),
  },
];

const at = (name: string, inputs: readonly HostArray[], value: number[], gradient: number[]): Kink => ({ name, inputs, value, gradient });
/** Between −0.9 and 0.9, where arc sine and cosine have derivatives. */
const inside = (...shape: number[]): HostArray => ({ ...real(...shape), data: real(...shape).data.map(v => Math.fround(0.45 * v)) });
const half = vector(-1, 0, 1);
/** Between 0.6 and 2.9: differences of real powers are exact enough. */
const base = (...shape: number[]): HostArray => ({ ...positive(...shape), data: positive(...shape).data.map(v => Math.fround(v + 0.4)) });

export const elementwise: readonly Case[] = [
  ...unary(
    "np.negative",
    np.negative,
    x => -x,
    (j, x) => j.np.negative(x),
  ),
  ...unary("np.abs", np.abs, Math.abs, (j, x) => j.np.abs(x), real, [at("|·|′(0) = 0", [half], [1, 0, 1], [-1, 0, 1])]),
  ...unary("np.sign", np.sign, Math.sign, undefined, real, [at("sign′ = 0, also at 0", [half], [-1, 0, 1], [0, 0, 0])]),
  ...unary("np.floor", np.floor, Math.floor, undefined, real, [at("floor′ = 0, also at a whole number", [half], [-1, 0, 1], [0, 0, 0])]),
  ...unary("np.sqrt", np.sqrt, Math.sqrt, (j, x) => j.np.sqrt(x), positive),
  ...unary("np.exp", np.exp, Math.exp, (j, x) => j.np.exp(x)),
  ...unary("np.expm1", np.expm1, Math.expm1, (j, x) => j.np.expm1(x)),
  ...unary("np.log", np.log, Math.log, (j, x) => j.np.log(x), positive),
  ...unary("np.log1p", np.log1p, Math.log1p, (j, x) => j.np.log1p(x), positive),
  ...unary("np.sin", np.sin, Math.sin, (j, x) => j.np.sin(x)),
  ...unary("np.cos", np.cos, Math.cos, (j, x) => j.np.cos(x)),
  ...unary("np.tanh", np.tanh, Math.tanh, (j, x) => j.np.tanh(x)),
  ...unary("np.atan", np.atan, Math.atan, (j, x) => j.np.arctan(x)),
  ...unary("np.asin", np.asin, Math.asin, (j, x) => j.np.arcsin(x), inside),
  ...unary("np.acos", np.acos, Math.acos, (j, x) => j.np.arccos(x), inside),
  ...unary("np.sinh", np.sinh, Math.sinh, (j, x) => j.np.sinh(x)),
  ...unary("np.cosh", np.cosh, Math.cosh, (j, x) => j.np.cosh(x)),
  ...binary(
    "np.atan2",
    np.atan2,
    Math.atan2,
    (j, y, x) => j.np.arctan2(y, x),
    [nonzero, nonzero],
    [
      at(
        "angles on the axes; the derivatives at the origin are 0",
        [vector(0, 1, 0, -2, 0), vector(0, 0, 1, 0, -2)],
        [0, Math.PI / 2, 0, -Math.PI / 2, Math.PI],
        [0, 0, 1, 0, -0.5],
      ),
    ],
    nonzero,
  ),
  { of: "np.atan", f: np.atan, inputs: [integers(-2, 3, 5)], expected: x => zip(Math.atan, x) },
  { of: "np.atan2", f: np.atan2, inputs: [integers(-2, 3, 4), integers(1, 3, 4)], expected: (y, x) => zip(Math.atan2, y, x) },
  // erf itself is held to its series in test/executors/math-special.test.ts; jax-js has it to 1e-7 only.
  ...unary("np.erf", np.erf, erfOf),
  ...unary(
    "np.square",
    np.square,
    x => x * x,
    (j, x) => j.np.square(x),
  ),
  ...[-2, -1, 0, 1, 2, 3, 5, 8].flatMap(n =>
    unary(
      "np.power",
      x => np.power(x, n),
      x => x ** n,
      undefined,
      n < 0 ? nonzero : real,
      n < 0 ? [] : [at(`(xⁿ)′ at 0, n = ${n}`, [vector(0)], [n === 0 ? 1 : 0], [n === 1 ? 1 : 0])],
    ).slice(0, 4),
  ),
  ...[0.5, -0.5, 2.5].flatMap(p =>
    unary(
      "np.power",
      x => np.power(x, p),
      x => x ** p,
      (j, x) => j.np.power(x, p),
      base,
    ),
  ),
  ...binary(
    "np.power",
    np.power,
    (x, y) => x ** y,
    (j, x, y) => j.np.power(x, y),
    [base, real],
    undefined,
    base,
  ),
  ...unary(
    "np.power",
    y => np.power(1.5, y),
    y => 1.5 ** y,
  ),
  {
    of: "np.power",
    f: (x, y) => np.power(x, y),
    inputs: [positive(3), integers(-2, 3, 3)],
    expected: (x, y) => zip((a, b) => a ** b, x, y),
    kinks: [
      {
        name: "derivatives of a power at 0 are the limits from above",
        inputs: [vector(0, 0, 0, 4), vector(0.5, 0, -1, 0.5)],
        value: [0, 1, Infinity, 2],
        gradient: [Infinity, 0, -Infinity, 0.25],
      },
    ],
  },
  { of: "np.power", f: x => np.power(x, 0.5), inputs: [integers(0, 9, 4)], expected: x => zip(Math.sqrt, x) },
  { of: "np.power", f: x => np.power(x, 3), inputs: [integers(-5, 6, 4)], expected: x => zip(v => v ** 3, x) },
  { of: "np.negative", f: np.negative, inputs: [integers(-5, 6, 4)], expected: x => zip(v => -v, x) },
  { of: "np.abs", f: np.abs, inputs: [integers(-5, 6, 2, 2)], expected: x => zip(Math.abs, x) },
  { of: "np.sign", f: np.sign, inputs: [integers(-2, 3, 5)], expected: x => zip(Math.sign, x) },
  { of: "np.exp", f: np.exp, inputs: [integers(-2, 3, 5)], expected: x => zip(Math.exp, x) },
  { of: "np.negative", f: np.negative, inputs: [truths(4)], expected: x => zip(v => -v, x) },

  ...binary(
    "np.add",
    np.add,
    (x, y) => x + y,
    (j, x, y) => j.np.add(x, y),
  ),
  ...binary(
    "np.subtract",
    np.subtract,
    (x, y) => x - y,
    (j, x, y) => j.np.subtract(x, y),
  ),
  ...binary(
    "np.multiply",
    np.multiply,
    (x, y) => x * y,
    (j, x, y) => j.np.multiply(x, y),
  ),
  ...binary(
    "np.divide",
    np.divide,
    (x, y) => x / y,
    (j, x, y) => j.np.divide(x, y),
    [real, nonzero],
    undefined,
    nonzero,
  ),
  ...binary(
    "np.maximum",
    np.maximum,
    Math.max,
    (j, x, y) => j.np.maximum(x, y),
    [(...s) => grid(0, ...s), (...s) => grid(0.15, ...s)],
    [at("ties share", [vector(1, 2, 3), vector(2, 2, 2)], [2, 2, 3], [0, 0.5, 1])],
    distinct,
  ),
  ...binary(
    "np.minimum",
    np.minimum,
    Math.min,
    (j, x, y) => j.np.minimum(x, y),
    [(...s) => grid(0, ...s), (...s) => grid(0.15, ...s)],
    [at("ties share", [vector(1, 2, 3), vector(2, 2, 2)], [1, 2, 2], [1, 0.5, 0])],
    distinct,
  ),
  ...(
    [
      ["np.add", np.add, (x, y) => x + y],
      ["np.subtract", np.subtract, (x, y) => x - y],
      ["np.multiply", np.multiply, (x, y) => x * y],
      ["np.divide", np.divide, (x, y) => x / y],
      ["np.maximum", np.maximum, Math.max],
      ["np.minimum", np.minimum, Math.min],
    ] as [string, Binary, (x: number, y: number) => number][]
  ).flatMap(([of, f, value]): Case[] => [
    { of, f, inputs: [integers(-9, 10, 2, 3), integers(1, 5, 3)], expected: (x, y) => zip(value, x, y) },
    { of, f, inputs: [integers(-9, 10, 3), of === "np.divide" ? nonzero(3) : grid(0.55, 3)], expected: (x, y) => zip(value, x, y) },
    { of, f: x => f(x, 0.7), inputs: [real(3)], expected: x => zip(a => value(a, 0.7), x) },
    { of, f: x => f(3, x), inputs: [nonzero(3)], expected: x => zip(a => value(3, a), x) },
  ]),
  ...[[], [3], [2, 3]].map((shape): Case => ({
    of: "np.clip",
    f: x => np.clip(x, -1, 1),
    inputs: [real(...shape)],
    expected: x => zip(v => Math.min(1, Math.max(-1, v)), x),
    kinks: [at("half of the derivative at a bound", [vector(-2, -1, 0, 1, 2)], [-1, -1, 0, 1, 1], [0, 0.5, 1, 0.5, 0])],
  })),
  {
    of: "np.clip",
    f: (x: Value, low: Value, high: Value) => np.clip(x, low, high),
    inputs: [real(2, 3), vector(-1.05, -0.95, -1.07), vector(1.05)],
    expected: (x, low, high) => zip((v, a, b) => Math.min(b, Math.max(a, v)), x, low, high),
  },
];
