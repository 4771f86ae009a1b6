import { expAndRare } from "./exponential.js";
import type { Lanes, Operand } from "./lanes.js";
import { log1pOfUnit } from "./logarithm.js";

/** `value` where x is a number; `rare` says whether some lane may not be one. */
function orNaN<V>(l: Lanes<V>, x: Operand<V>, rare: V, value: V): V {
  l.when(rare, () => l.assign(value, l.select(l.ne(x, x), l.quietNaN, value)));
  return value;
}

/**
 * p = e/(1 + e) with e = e^{−|x|}: 1/(1 + e^{−x}) is p where x is negative, else 1 − p. What 1 + e loses, ε, changes p by
 * −p ε/(1 + e), and 1/(1 + e) = 1 − p.
 */
function smaller<V>(l: Lanes<V>, x: Operand<V>): { readonly p: V; readonly rare: V } {
  const { value: e, rare } = expAndRare(l, l.or(x, l.signBit));
  const d = l.add(e, 1);
  const epsilon = l.sub(e, l.sub(d, 1));
  const q = l.div(e, d);
  return { p: l.sub(q, l.mul(l.mul(q, epsilon), l.sub(1, q))), rare };
}

/** 1/(1 + e^{−x}). */
export function sigmoid<V>(l: Lanes<V>, x: Operand<V>): V {
  const { p, rare } = smaller(l, x);
  return orNaN(l, x, rare, l.select(l.lt(x, 0), p, l.sub(1, p)));
}

/** The sigmoids of x and of −x, of one exponential: their product is the derivative. Each has the bits of `sigmoid`. */
export function sigmoids<V>(l: Lanes<V>, x: Operand<V>): readonly [V, V] {
  const { p, rare } = smaller(l, x),
    other = l.sub(1, p);
  return [orNaN(l, x, rare, l.select(l.lt(x, 0), p, other)), orNaN(l, x, rare, l.select(l.lt(0, x), p, other))];
}

/** log(1 + e^x) = max(x, 0) + log1p(e^{−|x|}). */
export function softplus<V>(l: Lanes<V>, x: Operand<V>): V {
  const { value: e, rare } = expAndRare(l, l.or(x, l.signBit));
  return orNaN(l, x, rare, l.add(l.pmax(0, x), log1pOfUnit(l, e)));
}
