export const quantile = (sorted: readonly number[], q: number): number => {
  const at = q * (sorted.length - 1),
    low = Math.floor(at);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low);
};

/** A median, and figures below and above it. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const sortedOf = (figures: readonly number[]) => [...figures].sort((a, b) => a - b);

/** Median and the middle half of some figures. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = sortedOf(figures);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** Median, smallest and largest of some figures. */
export function rangeOf(figures: readonly number[]): Spread {
  const sorted = sortedOf(figures);
  return { median: quantile(sorted, 0.5), low: sorted[0], high: sorted[sorted.length - 1] };
}
