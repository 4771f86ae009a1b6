// SOBA on a quadratic bi-level problem, in plain numbers: L_in = ½ φᵀAφ − φᵀ(Bθ + b), L_out = ½ ‖φ − c‖² + ½ λ ‖θ‖².
import { norm } from "./gradients.js";

type Matrix = readonly (readonly number[])[];
const times = (m: Matrix, v: readonly number[]): number[] => m.map(row => row.reduce((sum, x, j) => sum + x * v[j], 0));
const transposed = (m: Matrix): number[][] => m[0].map((_, j) => m.map(row => row[j]));
const product = (a: Matrix, b: Matrix): number[][] => a.map(row => times(transposed(b), row));
/** a + s b. */
export const plus = (a: readonly number[], b: readonly number[], s = 1): number[] => a.map((x, i) => x + s * b[i]);
/** The solution of m x = v by Gaussian elimination, for positive definite m. */
function solved(m: Matrix, v: readonly number[]): number[] {
  const rows = m.map((row, i) => [...row, v[i]]);
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows[k].map(x => x / rows[k][k]);
    rows.forEach((row, i) => (rows[i] = i === k ? pivot : plus(row, pivot, -row[k])));
  }
  return rows.map(row => row[v.length]);
}

export const A = [
    [2, 0.3, 0.1],
    [0.3, 1.5, 0.2],
    [0.1, 0.2, 1],
  ],
  B = [
    [1, 0.5],
    [-0.4, 1.2],
    [0.3, -0.7],
  ],
  b = [0.2, -0.5, 0.9],
  c = [1, 2, -1],
  lambda = 0.05,
  rate = 0.4,
  theta0 = [0.5, -0.25],
  phi0 = [1, 0, -1];

/** Where the method is: w approximates the solution of A w = φ − c. */
export interface Iterate {
  readonly theta: readonly number[];
  readonly phi: readonly number[];
  readonly w: readonly number[];
}
/** One outer step of the recursion: K updates, the last of them together with θ. */
export function next({ theta, phi, w }: Iterate, outerRate: number, K = 1): Iterate {
  for (let k = 1; ; k++) {
    const gradient = plus(times(transposed(B), w), theta, lambda),
      residual = plus(plus(times(A, phi), times(B, theta), -1), b, -1),
      linear = plus(times(A, w), plus(phi, c, -1), -1);
    [phi, w] = [plus(phi, residual, -rate), plus(w, linear, -rate)];
    if (k === K) return { theta: plus(theta, gradient, -outerRate), phi, w };
  }
}
/** θ where ∇M(θ) = 0 for M(θ) = L_out(θ, φ*(θ)), φ* = A⁻¹(Bθ + b): (BᵀA⁻²B + λI) θ = BᵀA⁻¹(c − A⁻¹b). */
export function solution(): number[] {
  const inverse = (v: readonly number[]) => solved(A, v),
    columns = transposed(B).map(column => inverse(column)),
    square = columns.map((x, i) => columns.map((y, j) => x.reduce((sum, z, k) => sum + z * y[k], 0) + (i === j ? lambda : 0))),
    right = columns.map(x => x.reduce((sum, z, k) => sum + z * plus(c, inverse(b), -1)[k], 0));
  return solved(square, right);
}
/** What the recursion does to (φ, w, θ), apart from constants. */
export function iteration(outerRate: number): number[][] {
  const stack = (v: readonly number[]): number[] => {
    const [phi, w, theta] = [v.slice(0, 3), v.slice(3, 6), v.slice(6)],
      at = next({ phi, w, theta }, outerRate);
    return [...at.phi, ...at.w, ...at.theta];
  };
  const origin = stack(Array<number>(8).fill(0));
  return transposed(Array.from({ length: 8 }, (_, i) => plus(stack(Array.from({ length: 8 }, (_, j) => Number(i === j))), origin, -1)));
}
/** ρ(m), as ‖m^(2^k)‖^(1/2^k), scaled on the way. */
export function spectralRadius(m: Matrix): number {
  let log = 0;
  for (let k = 0, power = m; k < 40; k++) {
    const size = norm(power.flat());
    log += Math.log(size) / 2 ** k;
    power = power.map(row => row.map(x => x / size));
    power = product(power, power);
  }
  return Math.exp(log);
}
