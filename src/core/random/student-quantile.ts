import { normalQuantile } from "./normal-quantile.js";

/** Student's t at 0.975 for 1 to 10 degrees of freedom. */
const table = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];
/** The normal distribution's. */
const z = normalQuantile(0.975);

/** Student's t at 0.975: from the table, and beyond it by the first terms of its expansion in 1/ν (Cornish and Fisher), right to a thousandth. */
export function studentQuantile(freedom: number): number {
  if (freedom <= table.length) return table[freedom - 1];
  const square = z * z,
    first = (z * (square + 1)) / 4,
    second = (z * (3 + square * (16 + square * 5))) / 96,
    third = (z * (-15 + square * (17 + square * (19 + square * 3)))) / 384;
  return z + (first + (second + third / freedom) / freedom) / freedom;
}
