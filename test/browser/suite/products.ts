// Products, reductions, reads and sums by index, of all sizes around those of registers, vectors and blocks.
import { grad, nn, np } from "../../../src/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { FloatType } from "../../../src/tensor/types.js";
import type { Case } from "./case.js";
import { float, int, precisions, traced } from "./case.js";
import { tame, wild } from "./numbers.js";

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const swap = (x: Value) => np.transpose(x);

const tails = (precision: FloatType): Case =>
  traced(
    "products of 1 … 9 rows and 1 … 17 columns",
    precision,
    (a: Value, b: Value) =>
      upTo(9).flatMap(m =>
        upTo(17).map(n => np.matmul(np.slice(a, [0, m], [0, 5 + ((m + n) % 4)]), np.slice(b, [0, 5 + ((m + n) % 4)], [0, n]))),
      ),
    [float(9, 8), float(8, 17)],
  );

const large = (precision: FloatType): Case =>
  traced(
    "large products",
    precision,
    (a: Value, b: Value, c: Value) => [
      np.matmul(a, b),
      np.matmul(b, c),
      np.matmul(np.slice(a, [0, 33]), b),
      np.matmul(np.slice(a, [0, 5]), b),
      np.matmul(a, np.slice(b, [0, 300], [0, 1])),
    ],
    [float(129, 300), float(300, 517), float(517, 67)],
  );

const transposed = (precision: FloatType): Case =>
  traced(
    "products of transposes, in batches, of vectors",
    precision,
    (a: Value, b: Value, c: Value) => [
      np.matmul(a, swap(a)), np.matmul(swap(a), a), np.matmul(swap(b), swap(a)), np.matmul(c, np.transpose(c, [0, 2, 1])), np.matmul(np.transpose(c, [0, 2, 1]), c),
      np.matmul(c, np.slice(b, [0, 6])), np.outer(np.slice(a, 0), np.slice(b, 1)), np.dot(np.slice(a, 0), np.slice(a, 1)), np.matmul(np.slice(a, 0), b), np.matmul(b, np.slice(b, 3)),
    ], // prettier-ignore
    [float(70, 37), float(37, 37), float(5, 9, 6)],
  );

const lengths = [...upTo(70), 127, 128, 129, 1_000, 4_096, 4_099];

const sizes = (precision: FloatType): Case =>
  traced(
    "sums, maxima and minima of 1 … 4,099 numbers",
    precision,
    (x: Value) =>
      lengths.flatMap(n => [
        np.sum(np.slice(x, [0, n])),
        ...(n > 40 ? [] : [np.max(np.slice(x, [0, n])), np.min(np.slice(x, [n, 4_099]))]),
      ]),
    [float(4_099)],
  );

const axes = (): Case =>
  traced(
    "reductions over all axes",
    "float32",
    (x: Value) =>
      [undefined, 0, 1, 2, [0, 1], [0, 2], [1, 2]].flatMap(axis => [
        np.sum(x, axis),
        np.mean(np.exp(x), axis),
        np.variance(x, axis),
        np.max(np.sin(x), axis),
        nn.logsumexp(x, axis ?? [0, 1, 2]),
      ]),
    [float(9, 37, 21)],
  );

/** Indices that repeat, and that lie outside. */
const indexed = (precision: FloatType): Case => {
  const indices = wild({ shape: [6, 7], dtype: "int32" }, 4);
  return traced(
    "reads and sums by index",
    precision,
    (x: Value, i: Value) => {
      const sumOfReads = (axis: number) => (y: Value) => np.sum(np.square(np.take(np.sin(y), i, axis)));
      return [0, 1, 2].flatMap(axis => [np.take(x, i, axis), grad(sumOfReads(axis))(x)]);
    },
    [float(11, 5, 13), int(6, 7)],
    [tame({ shape: [11, 5, 13], dtype: precision }, 5), indices],
  );
};

export const productCases = (): readonly Case[] => [
  ...precisions.flatMap(precision => [tails, large, transposed, sizes, indexed].map(make => make(precision))),
  axes(),
];
