import type { HostArray } from "../../src/tensor/types.js";

/** An array with other numbers. */
export const withElements = (x: HostArray, f: (value: number, i: number) => number): HostArray => ({
  ...x,
  data: Float64Array.from(x.data, f),
});

/**
 * Derivatives of a function of an array by its elements, one list of results an element: five points of the central difference,
 * (8 (f(x+h) − f(x−h)) − (f(x+2h) − f(x−2h))) / 12h, in float64. Their error is h⁴ f⁽⁵⁾/30 and some 1e-13 by rounding.
 */
export async function differences(f: (x: HostArray) => Promise<readonly number[]>, x: HostArray, h = 1e-3): Promise<number[][]> {
  const results: number[][] = [];
  for (let e = 0; e < x.data.length; e++) {
    const at = (steps: number) => f(withElements(x, (value, i) => (i === e ? value + steps * h : value)));
    const [a, b, c, d] = [await at(-2), await at(-1), await at(1), await at(2)];
    results.push(a.map((_, k) => (8 * (c[k] - b[k]) - (d[k] - a[k])) / (12 * h)));
  }
  return results;
}
