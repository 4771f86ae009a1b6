import { ln2, withSignOf } from "./exponential.js";
import type { Lanes, Operand } from "./lanes.js";
import { polynomial } from "./lanes.js";

/**
 * (log((1 + s)/(1 − s)) − 2s)/s³ as a polynomial in s² on |s| ≤ (√2 − 1)/(√2 + 1), minimax; the logarithm within 2^−30 and
 * 2^−59 of itself.
 */
const coefficients = {
  float32: [0.6666677594184875, 0.39977553486824036, 0.29872122406959534],
  float64: [
    0.6666666666666735, 0.3999999999940875, 0.28571428743911176, 0.22222198399941095, 0.18183574073858103, 0.15313784217376206,
    0.1479877109092511,
  ],
};

/** u = 2ᵏ(1 + f) with √½ ≤ 1 + f < √2; f is exact (a difference of neighbours within a factor of two). */
function split<V>(l: Lanes<V>, u: Operand<V>): { readonly k: V; readonly f: V } {
  const { mantissaBits, bias } = l.format;
  const root = l.bits(Math.SQRT1_2);
  const whole = 2 ** mantissaBits;
  // Counted from √½ upwards, the exponent field is k + bias, and the mantissa field is that of 1 + f, less √½'s.
  const counted = l.addBits(u, l.bits(1) - root);
  // A small whole number becomes a float by standing in the mantissa of 2^mantissaBits.
  const k = l.sub(l.addBits(l.shrU(counted, mantissaBits), l.bits(whole)), whole + bias);
  const mantissa = l.addBits(l.and(counted, (1n << BigInt(mantissaBits)) - 1n), root);
  return { k, f: l.sub(mantissa, 1) };
}

/** k log 2 + log(1 + f) + c for a small correction c; k·ln2.high is exact. */
function combine<V>(l: Lanes<V>, k: V, f: Operand<V>, c: V | null): V {
  const { high, low } = ln2[l.dtype];
  const s = l.div(f, l.add(f, 2));
  const z = l.mul(s, s);
  const remainder = l.mul(z, polynomial(l, z, coefficients[l.dtype]));
  // log(1 + f) = f − (f²/2 − s(f²/2 + R)): the small terms are added before they meet f, and f before k log 2.
  const half = l.mul(l.mul(f, 0.5), f);
  const small = l.mul(k, low);
  const rest = l.add(l.mul(s, l.add(half, remainder)), c ? l.add(small, c) : small);
  return l.add(l.mul(k, high), l.sub(f, l.sub(half, rest)));
}

/** Whether a lane is not a positive, finite, normal number. */
function unusual<V>(l: Lanes<V>, u: Operand<V>): V {
  const smallest = 1n << BigInt(l.format.mantissaBits);
  const infinity = l.bits(Infinity);
  const all = 1n << BigInt(l.format.bits);
  // Unsigned comparison of u − smallest, by moving both sides half a turn.
  const turned = (x: bigint) => (x + l.signBit) % all;
  return l.any(l.gtBits(l.addBits(u, turned(all - smallest)), turned(infinity - smallest - 1n)));
}

/** The logarithm's values at 0, negative numbers, infinity and NaN, else `value`. */
function atEdges<V>(l: Lanes<V>, u: Operand<V>, value: V): V {
  const finite = l.select(l.eq(u, Infinity), Infinity, value);
  return l.select(l.eq(u, 0), -Infinity, l.select(l.le(0, u), finite, l.quietNaN));
}

/** log x. */
export function log<V>(l: Lanes<V>, x: Operand<V>): V {
  const { mantissaBits } = l.format;
  const rare = unusual(l, x);
  const normal = l.copy(x);
  const subnormal = (): V => l.lt(x, 2 ** (1 - l.format.bias));
  l.when(rare, () => l.assign(normal, l.select(subnormal(), l.mul(x, 2 ** mantissaBits), x)));
  const { k, f } = split(l, normal);
  l.when(rare, () => l.assign(k, l.sub(k, l.and(subnormal(), mantissaBits))));
  const value = combine(l, k, f, null);
  l.when(rare, () => l.assign(value, atEdges(l, x, value)));
  return value;
}

/** log(1 + x) from u = 1 + x = 2ᵏ(1 + f) rounded and c, the correction for the rounding, unless k = 0: then x is f. */
function log1pOf<V>(l: Lanes<V>, x: Operand<V>, u: V, correction: (f: V) => V): V {
  const { k, f } = split(l, u);
  const near = l.eq(k, 0);
  return combine(l, k, l.select(near, x, f), l.andNot(correction(f), near));
}

/** log(1 + x), with the correction (1 + x − u)/u. */
export function log1p<V>(l: Lanes<V>, x: Operand<V>): V {
  const u = l.add(x, 1);
  const rare = unusual(l, u);
  // The rounding error of x + 1, exact whichever of the two is larger.
  const error = l.select(l.lt(1, x), l.sub(1, l.sub(u, x)), l.sub(x, l.sub(u, 1)));
  const value = withSignOf(
    l,
    x,
    log1pOf(l, x, u, () => l.div(error, u)),
  );
  l.when(rare, () => l.assign(value, atEdges(l, u, value)));
  return value;
}

/** log(1 + x) for 0 ≤ x ≤ 1. Where k is not 0 it is 1, and 1/u = ½/(1 + f) with −0.3 < f ≤ 0 is good enough as a line. */
export function log1pOfUnit<V>(l: Lanes<V>, x: Operand<V>): V {
  const u = l.add(x, 1);
  const error = l.sub(x, l.sub(u, 1));
  return log1pOf(l, x, u, f => l.mul(error, l.sub(0.5, l.mul(f, 0.7))));
}
