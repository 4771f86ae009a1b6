import type { FloatType } from "../../tensor/types.js";
import { withSignOf } from "./exponential.js";
import type { Lanes, Operand } from "./lanes.js";
import { polynomial } from "./lanes.js";

/** A constant as a rounded number and what the rounding lost. */
type Split = readonly [high: number, low: number];

const angles: Record<FloatType, Record<"quarter" | "half" | "threeQuarters" | "pi", Split>> = {
  float32: {
    quarter: [0.7853981852531433, -2.1855694143368964e-8],
    half: [1.5707963705062866, -4.371138828673793e-8],
    threeQuarters: [2.356194496154785, -5.962440319251527e-9],
    pi: [3.1415927410125732, -8.742277657347586e-8],
  },
  float64: {
    quarter: [0.7853981633974483, 3.061616997868383e-17],
    half: [1.5707963267948966, 6.123233995736766e-17],
    threeQuarters: [2.356194490192345, 9.184850993605148e-17],
    pi: [3.141592653589793, 1.2246467991473532e-16],
  },
};

/** (atan z − z)/z³ as a polynomial in z² on |z| ≤ ½, minimax; the arc tangent within 2^−31 and 2^−57. */
const tangent = {
  float32: [-0.333333283662796, 0.19999554753303528, -0.14273107051849365, 0.10948411375284195, -0.08009085059165955, 0.039042387157678604],
  float64: [
    -0.3333333333333298, 0.199999999999031, -0.14285714276384537, 0.11111110659556968, -0.09090896242302128, 0.07692073868540353,
    -0.06663810116462211, 0.058582952335846754, -0.05121988280652517, 0.04186452357148579, -0.027434074882798292, 0.010116209676120216,
  ],
};

/** (asin z − z)/z³ as a polynomial in z² on |z| ≤ ½, minimax; the arc sine within 2^−31 and 2^−59. */
const sine = {
  float32: [0.16666659712791443, 0.07500521838665009, 0.04451335221529007, 0.0318395234644413, 0.01431217323988676, 0.03770212084054947],
  float64: [
    0.1666666666666676, 0.07499999999970865, 0.04464285717456348, 0.03038194270970082, 0.02237221494139439, 0.017351612743645647,
    0.013980812710059501, 0.011398970481548995, 0.010779952877631659, 0.0037074584666894838, 0.021705062797860233, -0.02099589290219555,
    0.032626751809430005,
  ],
};

/** a/b for b ≥ 0, and 0 for 0/0. */
const over = <V>(l: Lanes<V>, a: Operand<V>, b: Operand<V>): V => l.div(a, l.pmax(b, l.choose(2 ** -149, 5e-324)));

/**
 * The angle at which the point (b, a) is seen, for a, b ≥ 0 whose sum is finite; where `left` is set, that of (−b, a).
 *
 * From a multiple of a quarter of π on it is atan z with |z| ≤ ½: a/b up to ½, (a − b)/(a + b) up to 2, where the difference is exact, and −b/a
 * beyond.
 */
function angleOf<V>(l: Lanes<V>, a: Operand<V>, b: Operand<V>, left: V | null): V {
  const { quarter, half, threeQuarters, pi } = angles[l.dtype];
  const low = l.le(l.add(a, a), b);
  const high = l.lt(l.add(b, b), a);
  const numerator = l.select(low, a, l.select(high, l.neg(b), l.sub(a, b)));
  const denominator = l.select(low, b, l.select(high, a, l.add(a, b)));
  const z = over(l, numerator, denominator);
  const u = l.mul(z, z);
  const tail = l.mul(l.mul(z, u), polynomial(l, u, tangent[l.dtype]));
  const from = (part: 0 | 1): V => {
    const right = l.select(low, 0, l.select(high, half[part], quarter[part]));
    return left === null ? right : l.select(left, l.select(low, pi[part], l.select(high, half[part], threeQuarters[part])), right);
  };
  // Seen from the other side, the angle turns back.
  const turn = (x: V): V => (left === null ? x : l.xor(x, l.and(left, l.signBit)));
  return l.add(from(0), l.add(turn(z), l.add(turn(tail), from(1))));
}

/** The canonical NaN where a mask is set, which is rare. */
function nanWhere<V>(l: Lanes<V>, mask: V, value: V): V {
  l.when(l.any(mask), () => l.assign(value, l.select(mask, l.quietNaN, value)));
  return value;
}

/** atan x = sign(x) times the angle of (1, |x|). */
export const atan = <V>(l: Lanes<V>, x: Operand<V>): V => nanWhere(l, l.ne(x, x), withSignOf(l, x, angleOf(l, l.abs(x), l.copy(1), null)));

/** The angle of (x, y), from −π to π. */
export function atan2<V>(l: Lanes<V>, y: Operand<V>, x: Operand<V>): V {
  const a = l.abs(y);
  const b = l.abs(x);
  // Where the sum could overflow, the point is moved nearer; from infinity, to where it is seen at the same angle.
  const limit = l.bits(2 ** (l.format.bias - 2));
  const large = l.or(l.gtBits(a, limit), l.gtBits(b, limit));
  l.when(l.any(large), () => {
    const [aIsFar, bIsFar] = [l.eq(a, Infinity), l.eq(b, Infinity)];
    const far = l.or(aIsFar, bIsFar);
    const nearer = (v: V, isFar: V): V => l.select(large, l.select(far, l.and(l.copy(1), isFar), l.mul(v, 0.25)), v);
    l.assign(a, nearer(a, aIsFar));
    l.assign(b, nearer(b, bIsFar));
  });
  const left = l.shrS(l.copy(x), l.format.bits - 1);
  return nanWhere(l, l.or(l.ne(x, x), l.ne(y, y)), withSignOf(l, y, angleOf(l, a, b, left)));
}

/** What arc sine and cosine share: asin z = z + z r, with z = |x| up to ½ and √w, w = (1 − |x|)/2, beyond. */
interface Arc<V> {
  readonly magnitude: V;
  readonly near: V;
  readonly r: V;
  readonly root: V;
  /** √w = head + rest, where `head` has few enough bits for an exact square. */
  readonly head: V;
  readonly rest: V;
}

function arcOf<V>(l: Lanes<V>, x: Operand<V>): Arc<V> {
  const magnitude = l.abs(x);
  const near = l.le(magnitude, 0.5);
  const w = l.mul(l.sub(1, magnitude), 0.5);
  const u = l.select(near, l.mul(magnitude, magnitude), w);
  const root = l.sqrt(w);
  const head = l.and(root, l.choose(0xfffff000n, 0xffffffff00000000n));
  const rest = over(l, l.sub(w, l.mul(head, head)), l.add(root, head));
  return { magnitude, near, r: l.mul(u, polynomial(l, u, sine[l.dtype])), root, head, rest };
}

/** Outside of −1 … 1 there is no angle; the bits of |x| compare as |x| does, with NaN above infinity. */
const outside = <V>(l: Lanes<V>, magnitude: V): V => l.gtBits(magnitude, l.bits(1));

/** asin x = sign(x) asin |x|, which is π/2 − 2 asin √w beyond ½; π/2 less twice the head is exact, or close to π/2. */
export function asin<V>(l: Lanes<V>, x: Operand<V>): V {
  const { half } = angles[l.dtype];
  const { magnitude, near, r, root, head, rest } = arcOf(l, x);
  const tail = l.add(l.mul(root, r), rest);
  const far = l.sub(l.sub(half[0], l.add(head, head)), l.sub(l.add(tail, tail), half[1]));
  const value = withSignOf(l, x, l.select(near, l.add(magnitude, l.mul(magnitude, r)), far));
  return nanWhere(l, outside(l, magnitude), value);
}

/** acos x = π/2 − asin x; beyond ½ it is 2 asin √w, or π − 2 asin √w where x is negative. */
export function acos<V>(l: Lanes<V>, x: Operand<V>): V {
  const { half, pi } = angles[l.dtype];
  const { magnitude, near, r, root, head, rest } = arcOf(l, x);
  const inner = l.sub(half[0], l.sub(x, l.sub(half[1], l.mul(x, r))));
  const right = l.add(head, l.add(l.mul(root, r), rest));
  const left = l.add(root, l.sub(l.mul(root, r), half[1]));
  const outer = l.select(l.lt(x, 0), l.sub(pi[0], l.add(left, left)), l.add(right, right));
  return nanWhere(l, outside(l, magnitude), l.select(near, inner, outer));
}
