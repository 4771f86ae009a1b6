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

/** eˣ = 2ᵏ eʳ with |r| ≤ ½ log 2, and eʳ by its series: within 1e-15 relative; 0 and ∞ beyond what float64 holds. */
export function exp(x: number): number {
  if (!(x > -745.2)) return Number.isNaN(x) ? x : 0;
  if (x > 709.79) return Infinity;
  const k = Math.round(x / Math.LN2),
    // log 2 in two parts, the first of which k multiplies without rounding.
    r = x - k * 0.69314718036912381649 - k * 1.90821492927058770002e-10;
  let series = 1;
  // |r|ⁿ/n! is below 1e-18 from n = 15 on.
  for (let n = 15; n >= 1; n--) series = 1 + (r * series) / n;
  for (let i = 0, left = Math.abs(k), factor = k < 0 ? 0.5 : 2; i < left; i++) series *= factor;
  return series;
}
