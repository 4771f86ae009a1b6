// Ridge regression with a learned log penalty a feature, in plain loops over plain numbers.
import type { HostArray } from "../../src/index.js";

export interface RidgeData {
  readonly x: HostArray;
  readonly y: HostArray;
  readonly xOut: HostArray;
  readonly yOut: HostArray;
}

type Matrix = number[][];
const rows = ({ shape: [n, d], data }: HostArray): Matrix => Array.from({ length: n }, (_, i) => [...data.subarray(i * d, (i + 1) * d)]);
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i], 0);

/** (2/n) Xᵀ X and (2/n) Xᵀ y: the derivative of the mean squared residual is A w − c. */
function normalEquations(x: HostArray, y: HostArray): { a: Matrix; c: number[] } {
  const m = rows(x),
    n = m.length,
    columns = m[0].map((_, k) => m.map(row => row[k]));
  return { a: columns.map(u => columns.map(v => (2 / n) * dot(u, v))), c: columns.map(u => (2 / n) * dot(u, [...y.data])) };
}

/** Loss and gradient of the outer loss at w. */
function outer({ xOut, yOut }: RidgeData, w: readonly number[]): { loss: number; slope: number[] } {
  const m = rows(xOut),
    residuals = m.map((row, i) => dot(row, w) - yOut.data[i]),
    n = m.length;
  return {
    loss: dot(residuals, residuals) / n,
    slope: w.map((_, k) => (2 / n) * m.reduce((sum, row, i) => sum + row[k] * residuals[i], 0)),
  };
}

/** r steps from 0 with their sensitivities dw/dθ carried forward; loss, exact gradient. */
export function ridgeByLoops(
  data: RidgeData,
  logPenalty: readonly number[],
  rate: number,
  steps: number,
): { loss: number; gradient: number[] } {
  const { a, c } = normalEquations(data.x, data.y),
    penalty = logPenalty.map(Math.exp),
    d = penalty.length;
  let w = new Array<number>(d).fill(0),
    s: Matrix = w.map(() => new Array<number>(d).fill(0)); // s[i][k] = dw_i/dθ_k
  for (let j = 0; j < steps; j++) {
    const next = w.map((v, i) => v - rate * (dot(a[i], w) - c[i] + 2 * penalty[i] * v));
    s = s.map((row, i) =>
      row.map(
        (v, k) =>
          v - rate * (a[i].reduce((sum, h, l) => sum + h * s[l][k], 0) + 2 * penalty[i] * v + (i === k ? 2 * penalty[i] * w[i] : 0)),
      ),
    );
    w = next;
  }
  const { loss, slope } = outer(data, w);
  return {
    loss,
    gradient: penalty.map((_, k) =>
      dot(
        slope,
        s.map(row => row[k]),
      ),
    ),
  };
}

/** Gaussian elimination with pivoting. */
function solve(matrix: Matrix, right: readonly number[]): number[] {
  const m = matrix.map((row, i) => [...row, right[i]]),
    n = m.length;
  for (let k = 0; k < n; k++) {
    const pivot = m.slice(k).reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(m[best][k]) ? k + i : best), k);
    [m[k], m[pivot]] = [m[pivot], m[k]];
    for (let i = k + 1; i < n; i++) for (let l = n, f = m[i][k] / m[k][k]; l >= k; l--) m[i][l] -= f * m[k][l];
  }
  const w = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) w[i] = (m[i][n] - m[i].slice(0, n).reduce((sum, v, l) => sum + v * w[l], 0)) / m[i][i];
  return w;
}

/** r → ∞: w* solves (A + 2 diag(e^θ)) w = c, and dM/dθ_k = −2 e^{θ_k} w*_k · [(A + 2 diag(e^θ))⁻¹ ∂L_out]_k. */
export function ridgeInTheLimit(data: RidgeData, logPenalty: readonly number[]): { loss: number; gradient: number[] } {
  const { a, c } = normalEquations(data.x, data.y),
    penalty = logPenalty.map(Math.exp);
  const hessian = a.map((row, i) => row.map((v, k) => v + (i === k ? 2 * penalty[i] : 0))),
    w = solve(hessian, c),
    { loss, slope } = outer(data, w);
  return { loss, gradient: solve(hessian, slope).map((v, k) => -2 * penalty[k] * w[k] * v) };
}
