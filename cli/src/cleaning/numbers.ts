/** log Σ exp of a stretch of numbers; −∞ of none. */
export function logSumExp(x: Float64Array): number {
  let most = -Infinity;
  for (const value of x) if (value > most) most = value;
  if (most === -Infinity) return most;
  let sum = 0;
  for (const value of x) sum += Math.exp(value - most);
  return most + Math.log(sum);
}

/** log p − log(1 − p), finite: p is kept a hair away from 0 and 1. */
export function logit(p: number): number {
  const kept = Math.min(Math.max(p, 1e-12), 1 - 1e-12);
  return Math.log(kept) - Math.log1p(-kept);
}

export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** log(1 + eˣ), without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

export function sum(x: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i];
  return total;
}

/** The position of the largest of n numbers from `start`, leaving one out if told; the first of equal ones. */
export function argmax(x: ArrayLike<number>, start: number, n: number, except = -1): number {
  let best = -1;
  for (let j = 0; j < n; j++) if (j !== except && (best < 0 || x[start + j] > x[start + best])) best = j;
  return best;
}

/**
 * The x in [low, high] at which a function of one valley is least, by golden section.
 * @param rounds each of which shortens the interval by 0.618
 */
export function goldenSection(f: (x: number) => number, low: number, high: number, rounds = 30): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  let [left, right] = [b - ratio * (b - a), a + ratio * (b - a)];
  let [fLeft, fRight] = [f(left), f(right)];
  for (let i = 0; i < rounds; i++) {
    if (fLeft <= fRight) {
      [b, right, fRight] = [right, left, fLeft];
      left = b - ratio * (b - a);
      fLeft = f(left);
    } else {
      [a, left, fLeft] = [left, right, fRight];
      right = a + ratio * (b - a);
      fRight = f(right);
    }
  }
  return (a + b) / 2;
}

/**
 * Solves A x = b for a symmetric positive definite A, by Cholesky's factors.
 * @param a n × n, row by row
 */
export function solvePositive(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length,
    l = new Float64Array(n * n),
    x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let s = a[i * n + j];
      for (let k = 0; k < j; k++) s -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = i === j ? Math.sqrt(Math.max(s, 1e-300)) : s / l[j * n + j];
    }
    for (let k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
    x[i] /= l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= l[k * n + i] * x[k];
    x[i] /= l[i * n + i];
  }
  return x;
}

/** A number that may be divided by, or whose logarithm may be taken: not below 1e-12. */
export const atLeastAHair = (x: number): number => Math.max(x, 1e-12);
