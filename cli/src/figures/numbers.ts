/** A number with as many digits as a picture's table needs. */
export const rounded = (x: number): number => Number(x.toPrecision(6));

/** Equally far apart, or by equal ratios. */
export const evenly = (low: number, high: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => (n === 1 ? low : low + ((high - low) * i) / (n - 1)));
export const geometrically = (low: number, high: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => (n === 1 ? low : i === n - 1 ? high : low * (high / low) ** (i / (n - 1))));

/** Whole numbers from `first` to `last`, about `perDecade` of them in each decade. */
export const decades = (first: number, last: number, perDecade: number): number[] => [
  ...new Set(geometrically(first, last, 1 + Math.max(1, Math.round(perDecade * Math.log10(last / first)))).map(Math.round)),
];

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

/** Quantiles of some numbers, between the two nearest of them in proportion. */
export function quantiles(values: ArrayLike<number>, shares: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return shares.map(share => {
    const at = share * (sorted.length - 1),
      below = Math.floor(at);
    return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
  });
}

/** The mean of some numbers, and between which eight of ten of them lie. */
export interface Spread {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: ArrayLike<number>): Spread {
  const [low, high] = quantiles(values, [0.1, 0.9]);
  return { mean: mean(values), low, high };
}
