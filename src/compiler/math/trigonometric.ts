import type { FloatType } from "../../tensor/types.js";
import type { Lanes, Operand, QuarterTurns } from "./lanes.js";
import { polynomial } from "./lanes.js";

/**
 * π/2 in parts, for |x| ≤ limit, where n = round(2x/π) has few enough bits for exact products with all parts but the last.
 * float64: n below 2¹², parts of at most 41 bits. float32, computed in float64: n below 2²⁰, a part of 33 bits, and the rest
 * is known to 2^−67, while no float32 up to the limit is nearer to a multiple of π/2 than 2^−35.
 */
const halfPi = {
  float32: { limit: 2 ** 20, parts: [1.5707963267341256, 6.077100506506192e-11] },
  float64: { limit: 2 ** 12, parts: [1.5707963267941523, 7.443547480480255e-13, 6.36831716351095e-25] },
};

/** (sin r − r)/r³ and (cos r − 1 + r²/2)/r⁴ as polynomials in r² on |r| ≤ π/4, minimax; within 2^−28 and 2^−33, or 2^−58 and 2^−64. */
const coefficients = {
  float32: {
    sin: [-0.16666654873326214, 0.008332173523935225, -0.00019516652939029712],
    cos: [0.04166664674777031, -0.0013887361446935638, 2.44377295560184e-5],
  },
  float64: {
    sin: [
      -0.16666666666666632, 0.008333333333322455, -0.000198412698298135, 2.7557313687623085e-6, -2.505075672407638e-8,
      1.5896682468249511e-10,
    ],
    cos: [
      0.0416666666666666, -0.0013888888888874441, 2.480158728963631e-5, -2.755731438746715e-7, 2.0875727058302606e-9,
      -1.1359802419093862e-11,
    ],
  },
};

/** Which lanes of |x| are beyond the limit, infinite or NaN. */
const beyond = <V>(l: Lanes<V>, a: Operand<V>, limit: number): V => l.gtBits(a, l.bits(limit));

function reduce<V>(l: Lanes<V>, x: Operand<V>, rare: V, result: FloatType): QuarterTurns<V> {
  const {
    limit,
    parts: [first, second, third],
  } = halfPi[result];
  const shift = 1.5 * 2 ** 52;
  const quadrant = l.add(l.mul(x, 2 / Math.PI), shift);
  const n = l.sub(quadrant, shift);
  // Exact: a multiple of the spacing of x (or of the first part), below one.
  const a = l.sub(x, l.mul(n, first));
  let high: V;
  let low: V | null = null;
  if (result === "float64") {
    // a − b = s + e exactly (Knuth's two-sum, which does not ask which is larger), and then the rest.
    const b = l.mul(n, second);
    const s = l.sub(a, b);
    const t = l.sub(s, a);
    const e = l.sub(l.sub(a, l.sub(s, t)), l.add(b, t));
    const rest = l.sub(l.mul(n, third), e);
    high = l.sub(s, rest);
    low = l.sub(l.sub(s, high), rest);
  } else high = l.sub(a, l.mul(n, second));
  l.when(rare, () => {
    l.reduceHugeAngle(x, beyond(l, x, limit), { quadrant, high, low });
  });
  return { quadrant, high, low };
}

/** sin x or cos x of two float64, accurate enough for a result type; garbage where x is infinite or NaN. */
function sine<V>(l: Lanes<V>, x: Operand<V>, rare: V, name: "sin" | "cos", result: FloatType): V {
  const { quadrant, high: r, low } = reduce(l, l.abs(x), rare, result);
  const p = coefficients[result];
  const z = l.mul(r, r);
  const half = l.mul(z, 0.5);
  const cube = l.mul(z, r);
  const rest = polynomial(l, z, p.cos);
  // sin(r + low) ≈ sin r + low (1 − z/2), cos(r + low) ≈ cos r − r low; 1 − z/2 is rounded, and its error added back.
  const sinTail = l.mul(cube, polynomial(l, z, p.sin));
  const head = l.sub(1, half);
  const cosTail = l.mul(l.mul(z, z), rest);
  const lost = l.sub(l.sub(1, head), half);
  const sin = l.add(r, low ? l.add(sinTail, l.mul(low, head)) : sinTail);
  const cos = l.add(head, l.add(lost, low ? l.sub(cosTail, l.mul(r, low)) : cosTail));
  // sin x = sign(x) sin |x|, which keeps −0; cos x = sin(|x| + π/2).
  const j = name === "cos" ? l.addBits(quadrant, 1n) : quadrant;
  const turned = l.shl(j, 62);
  const odd = l.eqBits(l.and(j, 1n), 1n);
  return l.xor(l.select(odd, cos, sin), l.and(name === "cos" ? turned : l.xor(turned, x), l.signBit));
}

function trigonometric<V>(l: Lanes<V>, x: Operand<V>, name: "sin" | "cos"): V {
  const rare = l.any(beyond(l, l.abs(x), halfPi[l.dtype].limit));
  const value =
    l.dtype === "float64" ? sine(l, x, rare, name, l.dtype) : l.inFloat64(x, (wide, half) => sine(wide, half, rare, name, "float32"));
  l.when(rare, () => l.assign(value, l.select(l.gtBits(l.abs(x), l.bits(Infinity) - 1n), l.quietNaN, value)));
  return value;
}

/** sin x. */
export const sin = <V>(l: Lanes<V>, x: Operand<V>): V => trigonometric(l, x, "sin");
/** cos x. */
export const cos = <V>(l: Lanes<V>, x: Operand<V>): V => trigonometric(l, x, "cos");
