import * as linalg from "../../../src/tensor/linalg.js";
import * as np from "../../../src/tensor/np/index.js";
import { apply } from "../../../src/tensor/operation.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, broadcast, tabulate, total } from "./plain.js";

const { real } = inputsFor("linalg");

type Matrix = readonly (readonly number[])[];
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const matrix = (n: number, f: (i: number, j: number) => number): number[][] => range(n).map(i => range(n).map(j => f(i, j)));

/** Laplace's expansion: shares nothing with elimination. */
const determinant = (a: Matrix): number =>
  a.length === 0 ? 1 : total(a[0].map((v, j) => (j % 2 ? -1 : 1) * v * determinant(a.slice(1).map(row => row.filter((_, k) => k !== j)))));

/** L by ratios of minors: L[i, j] = det A[0…j−1 and i; 0…j] / √(D_j D_{j−1}) with D_j the leading minors. */
function factor(a: Matrix): number[][] {
  const minor = (rows: readonly number[], k: number) => determinant(rows.map(i => a[i].slice(0, k)));
  const leading = (k: number) => minor(range(k), k);
  return matrix(a.length, (i, j) => (i < j ? 0 : minor([...range(j), i], j + 1) / Math.sqrt(leading(j + 1) * leading(j))));
}

/** Cramer's rule: A with column i replaced by the right-hand side. */
function solution(a: Matrix, b: readonly number[]): number[] {
  return b.map((_, i) => determinant(a.map((row, r) => row.with(i, b[r]))) / determinant(a));
}

/** A function of each matrix of x. */
function eachMatrix(x: Plain, f: (a: Matrix) => Matrix): Plain {
  const n = x.shape[x.shape.length - 1];
  return tabulate(x.shape, (...index) => {
    const lead = index.slice(0, -2);
    const [i, j] = index.slice(-2);
    return f(matrix(n, (r, c) => at(x, [...lead, r, c])))[i][j];
  });
}

/** Systems whose matrix is a function of the one given; leading axes broadcast. */
function solutions(x: Plain, b: Plain, f: (a: Matrix) => Matrix): Plain {
  const n = x.shape[x.shape.length - 1];
  const isVector = b.shape.length === 1;
  const right: Plain = isVector ? { shape: [n, 1], data: b.data } : b;
  const lead = broadcast(x.shape.slice(0, -2), right.shape.slice(0, -2));
  const k = right.shape[right.shape.length - 1];
  const { shape, data } = tabulate([...lead, n, k], (...index) => {
    const batch = index.slice(0, -2);
    const [i, j] = index.slice(-2);
    const column = range(n).map(r => at(right, [...batch, r, j]));
    return solution(f(matrix(n, (r, c) => at(x, [...batch, r, c]))), column)[i];
  });
  return { shape: isVector ? shape.slice(0, -1) : shape, data };
}

const last = (x: Value) => x.shape[x.ndim - 1];
const transposed = (x: Value) => np.moveaxis(x, -1, -2);

/** Symmetric and positive definite, whatever x is: x xᵀ + 2. */
const definite = (x: Value) => np.matmul(x, transposed(x)).add(np.eye(last(x)).mul(2));
const definiteOf = (x: Matrix): Matrix => matrix(x.length, (i, j) => total(x[i].map((v, k) => v * x[j][k])) + (i === j ? 2 : 0));
/** Far from singular, whatever x is: x/4 + 2. */
const regular = (x: Value) => x.mul(0.25).add(np.eye(last(x)).mul(2));
const regularOf = (x: Matrix): Matrix => matrix(x.length, (i, j) => 0.25 * x[i][j] + (i === j ? 2 : 0));
/** The same with its rows in reverse order, so that the first pivots are far from the largest. */
const reversed = (x: Value) => np.flip(regular(x), -2);
const reversedOf = (x: Matrix): Matrix => [...regularOf(x)].reverse();

const squares = [
  [1, 1],
  [2, 2],
  [3, 3],
  [5, 5],
  [2, 3, 3],
  [2, 1, 2, 2],
  [0, 0],
  [0, 2, 2],
];

const factors: Case[] = [
  ...squares.map((shape): Case => ({
    of: "linalg.cholesky",
    f: x => linalg.cholesky(definite(x)),
    inputs: [real(...shape)],
    expected: x => eachMatrix(x, a => factor(definiteOf(a))),
    // Without a copy jax-js would use x up.
    jax: (j, x) => {
      const axes = shape.map((_, i) => i);
      const turned = j.np.transpose(x.ref, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
      const n = shape[shape.length - 1];
      const shift = {
        shape: [n, n],
        dtype: "float64",
        data: Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 2 : 0)),
      } as const;
      return j.np.linalg.cholesky(j.np.matmul(x, turned).add(j.toJax(shift)));
    },
  })),
  // The symmetric part counts.
  {
    of: "linalg.cholesky",
    f: x => linalg.cholesky(definite(x).add(x.mul(0.3))),
    inputs: [real(3, 3)],
    expected: x =>
      eachMatrix(x, a => {
        const d = definiteOf(a);
        return factor(matrix(3, (i, j) => d[i][j] + 0.15 * (a[i][j] + a[j][i])));
      }),
  },
  // The upper triangle is not read.
  {
    of: "op.cholesky",
    f: x => {
      const above = np.array([
        [0, 1, 1],
        [0, 0, 1],
        [0, 0, 0],
      ]);
      return apply("cholesky", [definite(x).add(x.mul(above))], {});
    },
    inputs: [real(3, 3)],
    expected: x => eachMatrix(x, a => factor(definiteOf(a))),
  },
];

/** Shapes of a matrix and of right-hand sides. */
const systems: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[1, 1], [1]],
  [[3, 3], [3]],
  [
    [2, 2],
    [2, 3],
  ],
  [
    [4, 4],
    [4, 5],
  ],
  [
    [2, 3, 3],
    [3, 2],
  ],
  [
    [3, 3],
    [2, 3, 1],
  ],
  [[2, 2, 2], [2]],
  [
    [2, 1, 2, 2],
    [3, 2, 1],
  ],
  [
    [0, 0],
    [0, 2],
  ],
  [
    [2, 2],
    [2, 0],
  ],
];

const general: Case[] = systems.flatMap(([a, b]) =>
  [
    { shift: regular, plain: regularOf },
    { shift: reversed, plain: reversedOf },
  ].map(({ shift, plain }): Case => ({
    of: "linalg.solve",
    f: (x, y) => linalg.solve(shift(x), y),
    inputs: [real(...a), real(...b)],
    expected: (x, y) => solutions(x, y, plain),
  })),
);

const readings = [true, false].flatMap(lower =>
  (["N", "T"] as const).flatMap(trans => [false, true].map(unitDiagonal => ({ lower, trans, unitDiagonal }))),
);
/** The triangle that is meant, as a full matrix. */
const triangleOf =
  ({ lower, trans, unitDiagonal }: (typeof readings)[number]) =>
  (a: Matrix): Matrix => {
    const regularized = regularOf(a);
    const read = (i: number, j: number) => (i === j ? (unitDiagonal ? 1 : regularized[i][i]) : i > j === lower ? regularized[i][j] : 0);
    return matrix(a.length, (i, j) => (trans === "T" ? read(j, i) : read(i, j)));
  };
const triangular: Case[] = [
  ...readings.map((options): Case => ({
    of: "linalg.solveTriangular",
    f: (x, y) => linalg.solveTriangular(regular(x), y, options),
    inputs: [real(3, 3), real(3, 2)],
    expected: (x, y) => solutions(x, y, triangleOf(options)),
  })),
  ...systems.map(([a, b], i): Case => ({
    of: "linalg.solveTriangular",
    f: (x, y) => linalg.solveTriangular(regular(x), y, readings[i % readings.length]),
    inputs: [real(...a), real(...b)],
    expected: (x, y) => solutions(x, y, triangleOf(readings[i % readings.length])),
  })),
];

export const algebra: readonly Case[] = [...factors, ...general, ...triangular];
