// Element by element: every function over special numbers and random bits, every operation over pairs of special numbers.
import { nn, np } from "../../../src/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { FloatType, HostArray } from "../../../src/tensor/types.js";
import type { Case } from "./case.js";
import { float, int, precisions, traced } from "./case.js";
import { specials, specialsAndBits, wild } from "./numbers.js";

const functions: readonly ((x: Value) => Value)[] = [
  np.exp, np.expm1, np.log, np.log1p, np.sin, np.cos, np.tanh, np.erf, nn.sigmoid, nn.softplus, np.sqrt, np.floor, np.sign, np.abs,
  np.negative, np.square, x => np.astype(x, np.bool), x => np.astype(x, np.int32),
]; // prettier-ignore

const operations: readonly ((x: Value, y: Value) => Value)[] = [
  np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.less, np.lessEqual, np.equal,
  (x, y) => np.where(np.less(x, y), x, 0),
]; // prettier-ignore

const count = 1_001;

const list = (precision: FloatType): HostArray => {
  const { data } = specialsAndBits(specials.length + 1, precision);
  return { shape: [data.length], dtype: precision, data };
};

const perPrecision = (precision: FloatType): readonly Case[] => {
  const n = specials.length + 1;
  return [
    traced("functions", precision, (x: Value) => functions.map(f => f(x)), [float(count)], [specialsAndBits(count, precision)]),
    traced(
      "operations on all pairs",
      precision,
      (x: Value, y: Value) => operations.map(f => f(np.reshape(x, [n, 1]), y)),
      [float(n), float(n)],
      [list(precision), list(precision)],
    ),
  ];
};

/** Angles and hyperbolic functions, over the same numbers, and over those where they are not NaN. */
const angles = (precision: FloatType): Case =>
  traced(
    "angles and hyperbolic functions",
    precision,
    (x: Value, y: Value) => [
      ...[np.atan, np.asin, np.acos, np.sinh, np.cosh].flatMap(f => [f(x), f(np.sin(x)), f(np.atan(x).mul(60))]),
      np.atan2(np.reshape(y, [-1, 1]), y),
      np.atan2(x, np.flip(x)),
    ],
    [float(count), float(specials.length + 1)],
    [specialsAndBits(count, precision), list(precision)],
  );

/** Conversions, whole numbers that overflow or are divided by zero, and what is made of NaN. */
const conversions = (): Case =>
  traced(
    "conversions and whole numbers",
    "float32",
    (x: Value, i: Value, j: Value) => {
      const float64 = np.astype(x, np.float64);
      return [
        float64,
        np.astype(float64.mul(1e-40), np.float32),
        np.astype(i, np.float32),
        np.astype(i, np.float64),
        np.astype(i, np.bool),
      ].concat(
        [np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.less, np.equal].map(f => f(i, j)),
        [np.negative(i), np.abs(i), np.sign(i), np.astype(np.astype(x, np.bool), np.float32)],
      );
    },
    [float(count), int(count), int(count)],
    [specialsAndBits(count, "float32"), wild({ shape: [count], dtype: "int32" }, 1), wild({ shape: [count], dtype: "int32" }, 2)],
  );

/** Every way to a NaN: read, moved, computed; alone, in sums and in products. */
const notANumber = (): Case =>
  traced(
    "not a number",
    "float32",
    (x: Value) => {
      const zero = x.mul(0),
        nan = zero.div(zero),
        wide = np.astype(x, np.float64);
      const made = [x, nan, np.negative(nan), np.abs(nan), np.sqrt(x), x.sub(x), np.log(np.negative(np.abs(x))), np.maximum(x, nan)];
      const sums = [np.sum(x), np.max(x), np.min(nan), np.matmul(np.reshape(x, [4, 16]), np.reshape(nan, [16, 4]))];
      return [...made, ...sums, wide, wide.div(wide.mul(0)), np.flip(x), np.astype(wide, np.float32), np.full([5], NaN), np.sum(wide)];
    },
    [float(64)],
    [wild({ shape: [64], dtype: "float32" }, 3)],
  );

export const elementCases = (): readonly Case[] => [
  ...precisions.flatMap(perPrecision),
  ...precisions.map(angles),
  conversions(),
  notANumber(),
];
