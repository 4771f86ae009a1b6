/**
 * The elementary functions to about 100 bits, slowly: sums of two float64 ("double-double"), Taylor series, one Newton step
 * for logarithms, whole numbers for the reduction of angles. Nothing here is shared with what it is the reference of.
 */
import type { UnaryFunction } from "./math-samples.js";

/** high + low, with |low| at most half an ulp of high. */
type Pair = readonly [high: number, low: number];
/** (high + low) 2^exponent. */
export type Reference = readonly [high: number, low: number, exponent: number];

function twoSum(a: number, b: number): Pair {
  const s = a + b;
  const t = s - a;
  return [s, a - (s - t) + (b - t)];
}
function twoProduct(a: number, b: number): Pair {
  const p = a * b;
  const a1 = 134217729 * a;
  const b1 = 134217729 * b;
  const ah = a1 - (a1 - a);
  const bh = b1 - (b1 - b);
  const al = a - ah;
  const bl = b - bh;
  return [p, ah * bh - p + ah * bl + al * bh + al * bl];
}
function add(a: Pair, b: Pair): Pair {
  const [s, e] = twoSum(a[0], b[0]);
  const [t, f] = twoSum(a[1], b[1]);
  const [u, g] = twoSum(s, e + t);
  return twoSum(u, g + f);
}
function multiply(a: Pair, b: Pair): Pair {
  const [p, e] = twoProduct(a[0], b[0]);
  return twoSum(p, e + (a[0] * b[1] + a[1] * b[0]));
}
const negate = (a: Pair): Pair => [-a[0], -a[1]];
const times = (a: Pair, k: number): Pair => [a[0] * k, a[1] * k];
function divide(a: Pair, b: Pair): Pair {
  const first = a[0] / b[0];
  const rest = add(a, negate(multiply(b, [first, 0])));
  const second = rest[0] / b[0];
  return add([first, 0], add([second, 0], [(rest[0] - second * b[0] + rest[1]) / b[0], 0]));
}
const one: Pair = [1, 0];

/** Numerator/2^bits as a pair. */
function pairOf(numerator: bigint, bits: number): Pair {
  const sign = numerator < 0n ? -1 : 1;
  const n = numerator < 0n ? -numerator : numerator;
  const extra = Math.max(0, n.toString(2).length - 106);
  const top = n >> BigInt(extra);
  const high = Number(top);
  const low = Number(top - BigInt(high));
  const exponent = extra - bits;
  // Two factors, because one alone could leave the range.
  const half = Math.trunc(exponent / 2);
  return [sign * high * 2 ** half * 2 ** (exponent - half), sign * low * 2 ** half * 2 ** (exponent - half)];
}

const precision = 1400;
const unit = 1n << BigInt(precision);
/** Σ ±x^{−(2k+1)}/(2k+1), times 2^precision. */
function inverseSeries(x: bigint, alternate: boolean): bigint {
  let sum = 0n;
  let power = unit / x;
  for (let k = 0n; power > 0n; k++, power /= x * x) sum += (alternate && k & 1n ? -power : power) / (2n * k + 1n);
  return sum;
}
/** π = 16 arctan 1/5 − 4 arctan 1/239 (Machin), log 2 = 2 artanh 1/3. */
const pi = 16n * inverseSeries(5n, true) - 4n * inverseSeries(239n, true);
const ln2 = pairOf(2n * inverseSeries(3n, false), precision);
const halfPi = pairOf(pi, precision + 1);
const quarterTurns = (2n * unit * unit) / pi;
const rootPi = Math.sqrt(Math.PI);
/** √π by a Newton step. */
const sqrtPi = add([rootPi, 0], times(add(pairOf(pi, precision), negate(twoProduct(rootPi, rootPi))), 0.5 / rootPi));

/** e^a − 1 for |a| < 0.4, exact also relative to small a: m(m + 2) doubles the argument. */
function expm1Small(a: Pair): Pair {
  const r = times(a, 1 / 256);
  let term = r;
  let m = r;
  for (let k = 2; k < 13; k++) m = add(m, (term = divide(multiply(term, r), [k, 0])));
  for (let k = 0; k < 8; k++) m = multiply(m, add(m, [2, 0]));
  return m;
}
/** a = n log 2 + r; the answer is (e^r − 1, n). */
function reducedExp(a: Pair): readonly [Pair, number] {
  const n = Math.round(a[0] / ln2[0]);
  return [expm1Small(add(a, negate(multiply(ln2, [n, 0])))), n];
}
function exp(a: Pair): Reference {
  const [m, n] = reducedExp(a);
  return [...add(m, one), n];
}
function expm1(a: Pair): Reference {
  const [m, n] = reducedExp(a);
  if (n === 0) return [...m, 0];
  // 1 − 2⁻ⁿ is exact up to n = 53, and then two numbers; from 200 on the second would not count.
  if (n < -200) return [-1, 0, 0];
  return [...add(m, n > 200 ? one : twoSum(1, -(2 ** -n))), n];
}
/** log(1 + a) for −0.3 < a < 0.5: y + log((1 + a)e^{−y}) for an approximation y. */
function log1pSmall(a: Pair): Pair {
  const y = Math.log1p(a[0]);
  const m = expm1Small([-y, 0]);
  const t = add(add(a, m), multiply(a, m));
  return add([y, 0], add(t, [(-t[0] * t[0]) / 2, 0]));
}
function log(a: Pair): Pair {
  let e = Math.floor(Math.log2(a[0]));
  let m = times(times(a, 2 ** -Math.trunc(e / 2)), 2 ** -(e - Math.trunc(e / 2)));
  if (m[0] > 1.4) {
    m = times(m, 0.5);
    e++;
  }
  return add(multiply(ln2, [e, 0]), log1pSmall(add(m, [-1, 0])));
}
const log1p = (a: Pair): Pair => (a[0] > -0.29 && a[0] < 0.4 ? log1pSmall(a) : log(add(one, a)));

function angle(x: number): readonly [Pair, number] {
  if (Math.abs(x) < 0.78) return [[x, 0], 0];
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const e = Number((bits >> 52n) & 0x7ffn) - 1075;
  const m = (bits & 0xfffffffffffffn) | 0x10000000000000n;
  const shift = BigInt(precision - e);
  const product = m * quarterTurns;
  const n = (product + (1n << (shift - 1n))) >> shift;
  const r = multiply(pairOf(product - (n << shift), precision - e), halfPi);
  return x < 0 ? [negate(r), -Number(n & 3n)] : [r, Number(n & 3n)];
}
/** sin(x + quarters π/2), by Taylor's series. */
function sine(x: number, quarters: number): Pair {
  const [r, n] = angle(x);
  const j = (n + quarters + 4) & 3;
  const z = multiply(r, r);
  let term = j & 1 ? one : r;
  let sum = term;
  for (let k = j & 1 ? 1 : 2; k < 30; k += 2) sum = add(sum, (term = divide(multiply(term, z), [-k * (k + 1), 0])));
  return j & 2 ? negate(sum) : sum;
}

/** erf x = 2/√π e^{−x²} Σ 2ⁿ x^{2n+1}/(2n+1)!!: all terms are positive. */
function erf(x: number): Reference {
  // Not below the smallest normal numbers on the way.
  if (Math.abs(x) < 2 ** -60) return [...divide([x * 2 ** 500, 0], times(sqrtPi, 0.5)), -500];
  const a = Math.abs(x);
  const square = twoProduct(a, a);
  let term: Pair = [a, 0];
  let sum = term;
  for (let n = 1; term[0] > sum[0] * 1e-34; n++) sum = add(sum, (term = divide(multiply(term, times(square, 2)), [2 * n + 1, 0])));
  const [high, low, exponent] = exp(negate(square));
  return [...times(divide(multiply(sum, [high, low]), times(sqrtPi, 0.5)), 2 ** exponent * Math.sign(x)), 0];
}

function sigmoid(x: number): Reference {
  const [high, low, n] = exp([-Math.abs(x), 0]);
  const e: Pair = [high, low];
  const small: Pair = n < -1000 ? [0, 0] : times(e, 2 ** n);
  return x < 0 ? [...divide(e, add(one, small)), n] : [...divide(one, add(one, small)), 0];
}
function softplus(x: number): Reference {
  const [high, low, n] = exp([-Math.abs(x), 0]);
  if (n < -200) return x < 0 ? [high, low, n] : [x, 0, 0];
  return [...add(log1p(times([high, low], 2 ** n)), [Math.max(x, 0), 0]), 0];
}
function tanh(x: number): Reference {
  if (Math.abs(x) > 25) return [Math.sign(x), 0, 0];
  const [high, low, n] = expm1([2 * Math.abs(x), 0]);
  const e = times([high, low], 2 ** n);
  return [...times(divide(e, add(e, [2, 0])), Math.sign(x)), 0];
}
function squareRoot(a: Pair): Pair {
  const r = Math.sqrt(a[0]);
  return r === 0 ? [0, 0] : add([r, 0], times(add(a, negate(twoProduct(r, r))), 0.5 / r));
}
/** The angle of (x, y), both of moderate size: that of an approximation, and of the point as seen from there. */
function angleOf(y: Pair, x: Pair): Pair {
  const first = Math.atan2(y[0], x[0]);
  const [s, c] = [sine(first, 0), sine(first, 1)];
  const across = add(multiply(y, c), negate(multiply(x, s)));
  const along = add(multiply(x, c), multiply(y, s));
  return add([first, 0], divide(across, along));
}
/** The angle of (x, y) for finite numbers, of which y is not 0. */
export function atan2(y: number, x: number): Reference {
  const e = Math.floor(Math.log2(Math.max(Math.abs(y), Math.abs(x))));
  // Two factors, because one alone could leave the range; what becomes 0 so is nothing beside the other number.
  const scaled = (v: number) => v * 2 ** -Math.trunc(e / 2) * 2 ** -(e - Math.trunc(e / 2));
  const [v, u] = [scaled(y), scaled(x)];
  // The quotient of two numbers that are far apart, with room below.
  const [small, large] = Math.abs(y) < Math.abs(x) ? [y, x] : [x, y];
  const shift = (v: number, by: number) => v * 2 ** Math.trunc(by / 2) * 2 ** (by - Math.trunc(by / 2));
  const k = small === 0 ? 0 : Math.floor(Math.log2(Math.abs(small))) - Math.floor(Math.log2(Math.abs(large)));
  if (k > -60) return [...angleOf([v, 0], [u, 0]), 0];
  const quotient = divide(
    [shift(small, -Math.floor(Math.log2(Math.abs(small)))), 0],
    [shift(large, -Math.floor(Math.log2(Math.abs(large)))), 0],
  );
  const sign = Math.sign(y);
  if (small === y && x > 0) return [...quotient, k];
  const ratio = times(quotient, 2 ** Math.max(k, -1000));
  if (small === y) return [...add(times(halfPi, 2 * sign), ratio), 0];
  return [...add(times(halfPi, sign), negate(ratio)), 0];
}
/** √((1 − x)(1 + x)). */
const cosineOf = (x: number): Pair => squareRoot(multiply(twoSum(1, -x), twoSum(1, x)));

/** e^|x| ∓ e^{−|x|}, of which half is sinh |x| or cosh x. */
function exponentials(x: number, sign: 1 | -1): Reference {
  const [high, low, n] = exp([Math.abs(x), 0]);
  const inverse = n > 60 ? ([0, 0] as const) : times(divide(one, [high, low]), 2 ** (-2 * n));
  return [...add([high, low], times(inverse, sign)), n - 1];
}
function sinh(x: number): Reference {
  const sign = Math.sign(x);
  if (Math.abs(x) < 0.4) {
    const m = expm1Small([x, 0]);
    return [...times(add(m, divide(m, add(m, one))), 0.5), 0];
  }
  const [high, low, n] = exponentials(x, -1);
  return [sign * high, sign * low, n];
}

/** f(x) where it is not x + c x² to 100 bits. */
const unlessTiny =
  (c: number, f: (x: number) => Reference) =>
  (x: number): Reference =>
    Math.abs(x) < 2 ** -60 ? [x, c * x * x, 0] : f(x);

/** Reference values at finite arguments inside each function's domain, where the result is finite. */
export const references: Record<UnaryFunction, (x: number) => Reference> = {
  exp: x => exp([x, 0]),
  expm1: unlessTiny(0.5, x => expm1([x, 0])),
  log: x => [...log([x, 0]), 0],
  log1p: unlessTiny(-0.5, x => [...log1p([x, 0]), 0]),
  sin: unlessTiny(0, x => [...sine(x, 0), 0]),
  cos: x => [...sine(x, 1), 0],
  tanh: unlessTiny(0, tanh),
  erf: x => (Math.abs(x) > 6.5 ? [Math.sign(x), 0, 0] : erf(x)),
  sigmoid,
  softplus,
  atan: unlessTiny(0, x => atan2(x, 1)),
  asin: unlessTiny(0, x => [...angleOf([x, 0], cosineOf(x)), 0]),
  acos: x => [...angleOf(cosineOf(x), [x, 0]), 0],
  sinh: unlessTiny(0, sinh),
  cosh: x => exponentials(x, 1),
};

/** The distance of a float64 from a reference, in float64 ulps of the reference; infinite for NaN. */
export function ulpsFrom(value: number, [high, low, exponent]: Reference): number {
  if (high === 0) return value === 0 ? 0 : Infinity;
  const half = Math.trunc(exponent / 2);
  const scaled = value * 2 ** -half * 2 ** (half - exponent);
  let e = Math.floor(Math.log2(Math.abs(high)));
  if (2 ** e > Math.abs(high)) e--;
  const spacing = Math.max(e + exponent, -1022) - 52 - exponent;
  const ulps = Math.abs(scaled - high - low) / 2 ** spacing;
  return Number.isNaN(ulps) ? Infinity : ulps;
}
