/** Student's t at 0.975 for 1 to 10 degrees of freedom. */
const quantiles = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];
/** The normal distribution's. */
const z = 1.959964;

/** Student's t at 0.975: from the table, and beyond it by the first terms of its expansion in 1/ν (Cornish and Fisher), right to a thousandth. */
export function studentQuantile(freedom: number): number {
  if (freedom <= quantiles.length) return quantiles[freedom - 1];
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / freedom + second / freedom ** 2 + third / freedom ** 3;
}

/** Half the width of a 95 % interval of a mean of n numbers with this standard deviation; n is at least 2. */
export const halfWidth = (deviation: number, n: number): number => (studentQuantile(n - 1) * deviation) / Math.sqrt(n);
