import { expAndRare, withSignOf } from "./exponential.js";
import type { Lanes, Operand } from "./lanes.js";
import { polynomial } from "./lanes.js";

/** (sinh x − x)/x³ as a polynomial in x² on |x| ≤ 1, minimax; the function within 2^−31 and 2^−61. */
const coefficients = {
  float32: [0.1666666716337204, 0.00833331048488617, 0.00019842895562760532, 2.7822120500786696e-6],
  float64: [
    0.16666666666666669, 0.008333333333332912, 0.0001984126984159341, 2.7557319106756473e-6, 2.5052130998773718e-8, 1.6056659164477053e-10,
    7.776600141067518e-13,
  ],
};

/** h = e^|x|/2, which overflows where the functions do, and ¼/h = e^{−|x|}/2; `rare` says whether some lane may be NaN. */
function halves<V>(l: Lanes<V>, x: Operand<V>): { readonly h: V; readonly inverse: V; readonly rare: V } {
  const { value: h, rare } = expAndRare(l, l.abs(x), -1);
  return { h, inverse: l.div(0.25, h), rare };
}

/** sinh x = x + x³ p(x²) up to one, then sign(x)(h − ¼/h) with h = e^|x|/2. */
export function sinh<V>(l: Lanes<V>, x: Operand<V>): V {
  const { h, inverse, rare } = halves(l, x);
  const u = l.mul(x, x);
  const near = l.add(x, l.mul(l.mul(x, u), polynomial(l, u, coefficients[l.dtype])));
  const value = l.select(l.le(l.abs(x), 1), near, withSignOf(l, x, l.sub(h, inverse)));
  l.when(rare, () => l.assign(value, l.select(l.ne(x, x), l.quietNaN, value)));
  return value;
}

/** cosh x = h + ¼/h with h = e^|x|/2. */
export function cosh<V>(l: Lanes<V>, x: Operand<V>): V {
  const { h, inverse, rare } = halves(l, x);
  const value = l.add(h, inverse);
  l.when(rare, () => l.assign(value, l.select(l.ne(x, x), l.quietNaN, value)));
  return value;
}
