/**
 * Elementary functions of float64 by additions, products and quotients alone, which engines round alike. `Math`'s own differ in the last
 * bits from engine to engine, so nothing that a run's numbers depend on may use them.
 */

/** log x = log m + k log 2 with √½ ≤ m < √2, and log m = 2 artanh((m − 1)/(m + 1)): within 1e-15 relative. */
export function log(x: number): number {
  if (!(x > 0 && x < Infinity)) return x === 0 ? -Infinity : x < 0 ? NaN : x;
  let [mantissa, exponent] = [x, 0];
  for (; mantissa < Math.SQRT1_2; exponent--) mantissa *= 2;
  for (; mantissa >= Math.SQRT2; exponent++) mantissa /= 2;
  // |s| < 0.172: the terms that are left out are below 1e-18 of the first.
  const s = (mantissa - 1) / (mantissa + 1),
    square = s * s;
  let series = 0;
  for (let odd = 23; odd >= 1; odd -= 2) series = series * square + 1 / odd;
  return exponent * Math.LN2 + 2 * s * series;
}

/** eˣ = 2ᵏ eʳ with |r| ≤ ½ log 2, and eʳ by its series. */
function exp(x: number): number {
  const halvings = Math.round(x / Math.LN2);
  if (!(Math.abs(halvings) < 1100)) return x < 0 ? 0 : x > 0 ? Infinity : x;
  const rest = x - halvings * Math.LN2;
  let series = 1;
  for (let n = 16; n >= 1; n--) series = 1 + (series * rest) / n;
  for (let k = halvings; k > 0; k--) series *= 2;
  for (let k = halvings; k < 0; k++) series /= 2;
  return series;
}

/** xᵖ for x > 0, within 1e-15·(1 + |p log x|) relative; a running product where p is whole. */
export function power(x: number, p: number): number {
  if (!Number.isInteger(p) || Math.abs(p) > 1000) return exp(p * log(x));
  let [result, base] = [1, x];
  for (let n = Math.abs(p); n > 0; n = Math.floor(n / 2), base *= base) if (n % 2 === 1) result *= base;
  return p < 0 ? 1 / result : result;
}

/** (1 + cos πt)/2 for t in [0, 1]: 1 at 0, 0 at 1, within 1e-15 relative. */
export const halfCosine = (t: number): number => (t < 0.5 ? 1 - squaredSine(t) : squaredSine(1 - t));

/** sin²(πu/2) for u in [0, ½]. */
function squaredSine(u: number): number {
  const angle = (Math.PI / 2) * u,
    square = angle * angle;
  let series = 1;
  for (let n = 16; n >= 2; n -= 2) series = 1 - (series * square) / (n * (n + 1));
  return square * series * series;
}
