/**
 * Scalar functions in float64 that JavaScript's `Math` lacks. They are the reference values of the operations of the
 * same names.
 */

/**
 * erf(x)/x − 1 as a polynomial in x² on |x| ≤ 1; relative error of 1 + p below 2^−56. Minimax (Remez exchange in 200-bit
 * arithmetic, coefficients rounded one after the other and the rest refitted). The leading 1 is left to the sum
 * x + x p(x²), which so loses no more than half an ulp of the small term.
 */
const near = [
  0.1283791670955126, -0.376126389031841, 0.11283791670971098, -0.026866170648031113, 0.005223977652691966, -0.0008548328535767074,
  0.00012055386195783292, -0.00001492688190078495, 0.0000016481080416830478, -1.6557631205429094e-7, 1.6019337211048345e-8,
  -1.650241450804721e-9, 1.4436571121507337e-10,
];

/** e^{x²} erfc(x) as a polynomial in t = (x − 2)/(x + 2) on [1, 6], minimax under the weight e^{−x²}/erf(x); error below 2^−58. */
const far = [
  0.25539567631050575, -0.4271858474139561, 0.24165819424249688, -0.078978581016378, 0.003732892393430397, 0.006997461743897855,
  -0.0008471425112283998, -0.0009819743218057626, 0.00004354354309716262, 0.0001742776966687447, 0.000027500078101885142,
  -0.000026893585967571673, -1.2863448128507855e-5,
];

const horner = (coefficients: readonly number[], x: number) => coefficients.reduceRight((sum, c) => sum * x + c, 0);

/**
 * The error function, 2/√π ∫₀ˣ e^{−t²} dt, within 1.2 ulp.
 * @param x any number; ±∞ give ±1
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 1) return x + x * horner(near, x * x);
  // 1 − erf(6) is below half an ulp of one.
  const b = Math.min(a, 6);
  return Math.sign(x) * (1 - Math.exp(-b * b) * horner(far, (b - 2) / (b + 2)));
}

/**
 * The logistic function 1/(1 + e^{−x}); no intermediate overflows, and the left tail keeps its relative accuracy.
 * @param x any number
 */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/**
 * log(1 + eˣ) as max(x, 0) + log1p(e^{−|x|}); no intermediate overflows, and the left tail keeps its relative accuracy.
 * @param x any number
 */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
