import type { Lanes, Operand } from "./lanes.js";
import { polynomial } from "./lanes.js";

/**
 * log 2 in two parts. The first has 15 (float32) or 41 (float64) significant bits, so that its product with a whole
 * number of at most 8 or 11 bits is exact.
 */
export const ln2 = {
  float32: { high: 0.693145751953125, low: 1.4286068203094173e-6 },
  float64: { high: 0.693147180559663, low: 2.8235290563031577e-13 },
};

/** (e^r − 1 − r)/r² on |r| ≤ ½ log 2, minimax; e^r within 2^−27.9 and 2^−63. */
const coefficients = {
  float32: [0.4999999403953552, 0.16666513681411743, 0.041668109595775604, 0.008369731716811657, 0.0013843243941664696],
  float64: [
    0.5, 0.1666666666666669, 0.04166666666666686, 0.00833333333331167, 0.001388888888874905, 0.00019841269909175822, 2.4801587638518577e-5,
    2.7557222609231588e-6, 2.755698107983997e-7, 2.5116119080487724e-8, 2.100987319265641e-9,
  ],
};

/** x = n log 2 + r: the lowest bits of `shifted` are n, and e^r − 1 = high + tail. */
interface Reduced<V> {
  readonly shifted: V;
  readonly high: V;
  readonly tail: V;
}

/** Adding this rounds to a whole number and leaves it, in two's complement, in the lowest bits. */
const roundingShift = <V>(l: Lanes<V>) => 1.5 * 2 ** l.format.mantissaBits;

/**
 * high = x − n·ln2.high is exact: the product is, and the difference is a multiple of the spacing of x (or of ln2.high) and
 * below ½, so that it has no more bits than the format.
 */
function reduce<V>(l: Lanes<V>, x: Operand<V>): Reduced<V> {
  const shift = roundingShift(l);
  const { high: ln2High, low: ln2Low } = ln2[l.dtype];
  const shifted = l.add(l.mul(x, Math.LOG2E), shift);
  const n = l.sub(shifted, shift);
  const high = l.sub(x, l.mul(n, ln2High));
  const low = l.mul(n, ln2Low);
  const r = l.sub(high, low);
  const power = l.mul(l.mul(r, r), polynomial(l, r, coefficients[l.dtype]));
  return { shifted, high, tail: l.sub(power, low) };
}

/** 2ⁿ for the n in the lowest bits; −126 ≤ n ≤ 127, or −1022 ≤ n ≤ 1023. */
const powerOfTwo = <V>(l: Lanes<V>, n: V) => l.addBits(l.shl(n, l.format.mantissaBits), l.bits(1));

interface Scaled<V> {
  readonly shifted: V;
  /** e^r, between √½ and √2. */
  readonly mantissa: V;
  /** e^x = 2ⁿ e^r, by adding n to the exponent. */
  readonly value: V;
}

function scaledExp<V>(l: Lanes<V>, x: Operand<V>): Scaled<V> {
  const { shifted, high, tail } = reduce(l, x);
  // 1 + high loses up to half an ulp, which is added back with the small terms.
  const head = l.add(high, 1);
  const lost = l.sub(high, l.sub(head, 1));
  const mantissa = l.add(head, l.add(tail, lost));
  return { shifted, mantissa, value: l.addBits(mantissa, l.shl(shifted, l.format.mantissaBits)) };
}

/** e^x where it is a normal number for sure: |x| ≤ 87 or 708. */
export const expBounded = <V>(l: Lanes<V>, x: Operand<V>): V => scaledExp(l, x).value;

/** Lanes that are NaN or beyond the range of `expBounded`. The bits of |x| compare as |x| does, with NaN above infinity. */
const beyond = <V>(l: Lanes<V>, x: Operand<V>): V => l.gtBits(l.abs(x), l.bits(l.choose(87, 708)));

/** e^x 2^power of any x, without overflow in between, and whether a lane was NaN or beyond the range of `expBounded`. */
export function expAndRare<V>(l: Lanes<V>, x: Operand<V>, power: 0 | -1 = 0): { readonly value: V; readonly rare: V } {
  const rare = l.any(beyond(l, x));
  const bounded = l.copy(x);
  l.when(rare, () => l.assign(bounded, l.pmax(l.pmin(x, l.choose(89 - power, 710 - power)), l.choose(-104, -746))));
  const { shifted, mantissa, value: whole } = scaledExp(l, bounded);
  const value = power === 0 ? whole : l.mul(whole, 2 ** power);
  l.when(rare, () => {
    // Two factors, 2^⌊n/2⌋ and the rest: the first product is exact, the second rounds once or overflows to infinity.
    const n = l.subBits(shifted, l.bits(roundingShift(l)));
    const half = l.shrS(n, 1);
    const rest = power === 0 ? l.subBits(n, half) : l.subBits(l.subBits(n, half), BigInt(-power));
    const scaled = l.mul(l.mul(mantissa, powerOfTwo(l, half)), powerOfTwo(l, rest));
    l.assign(value, l.select(l.ne(x, x), l.quietNaN, scaled));
  });
  return { value, rare };
}

/** e^x. */
export const exp = <V>(l: Lanes<V>, x: Operand<V>): V => expAndRare(l, x).value;

/**
 * e^x − 1 where e^|x| is far from overflow, as a sum of two numbers of which the second is small:
 * (2ⁿ − 1) + 2ⁿ high, and what that lost + 2ⁿ tail. At n = 0 nothing is lost.
 */
function expm1Parts<V>(l: Lanes<V>, x: Operand<V>): { readonly head: V; readonly rest: V } {
  const { shifted, high, tail } = reduce(l, x);
  const scale = powerOfTwo(l, shifted);
  const a = l.sub(scale, 1);
  const b = l.mul(scale, high);
  const head = l.add(a, b);
  // |a| ≥ |b| or a = 0: the difference is the exact error.
  const lost = l.sub(b, l.sub(head, a));
  return { head, rest: l.add(l.mul(scale, tail), lost) };
}

/** `value`, which has the sign of x or is a zero, with the sign of x. */
export const withSignOf = <V>(l: Lanes<V>, x: Operand<V>, value: Operand<V>): V => l.or(value, l.and(x, l.signBit));

/** e^x − 1. */
export function expm1<V>(l: Lanes<V>, x: Operand<V>): V {
  const far = beyond(l, x);
  const { head, rest } = expm1Parts(l, x);
  const value = withSignOf(l, x, l.add(head, rest));
  // The one is nothing beside e^x there, or all there is.
  l.when(l.any(far), () => l.assign(value, l.select(far, l.select(l.lt(x, 0), -1, exp(l, x)), value)));
  return value;
}

/**
 * tanh x = sign(x) e/(e + 2) with e = e^{2|x|} − 1. What the sums lost, δ of e and ε of d = e + 2, changes the quotient q by
 * (δ − q(ε + δ))/d, and 1/d = (1 − q)/2, unless e is so large that 1 − q is inaccurate; then only ε would matter, by half an
 * ulp. From 9.1 or 19.1 on the result rounds to one.
 */
export function tanh<V>(l: Lanes<V>, x: Operand<V>): V {
  const a = l.abs(x);
  const { head, rest } = expm1Parts(l, l.pmin(l.add(a, a), l.choose(18.5, 40)));
  const e = l.add(head, rest);
  const delta = l.sub(rest, l.sub(e, head));
  const d = l.add(e, 2);
  const epsilon = l.sub(e, l.sub(d, 2));
  const q = l.div(e, d);
  const change = l.mul(l.sub(delta, l.mul(q, l.add(epsilon, delta))), l.sub(0.5, l.mul(q, 0.5)));
  const value = withSignOf(l, x, l.add(q, l.and(change, l.lt(e, 1024))));
  const nan = l.ne(x, x);
  l.when(l.any(nan), () => l.assign(value, l.select(nan, l.quietNaN, value)));
  return value;
}
