// Measures of where numbers lie and how far they scatter that a few wrong ones do not move.

/** Of a normal distribution, its standard deviation over its median absolute deviation. */
export const normalOverMedian = 1.4826022185056018;

/** Half of the weight lies at or below it: the weighted median. NaN of nothing. */
export function weightedMedian(x: ArrayLike<number>, weights?: ArrayLike<number>): number {
  const order = Uint32Array.from({ length: x.length }, (_, i) => i).sort((a, b) => x[a] - x[b]);
  let total = 0;
  for (const i of order) total += weights === undefined ? 1 : weights[i];
  let seen = 0;
  for (const [k, i] of order.entries()) {
    seen += weights === undefined ? 1 : weights[i];
    // Where one half ends between two numbers, it is their mean.
    if (seen * 2 === total && k + 1 < order.length) return (x[i] + x[order[k + 1]]) / 2;
    if (seen * 2 >= total) return x[i];
  }
  return NaN;
}

/**
 * The scale of numbers that scatter around 0: the median of |x|, times 1.4826, which of a normal distribution is its standard deviation. Where more than half of
 * them are 0 it is the mean of |x| instead, and never 0.
 */
export function scaleOf(x: ArrayLike<number>, weights?: ArrayLike<number>): number {
  const size = Float64Array.from(x, Math.abs),
    median = normalOverMedian * weightedMedian(size, weights);
  if (median > 0) return median;
  let [mean, total] = [0, 0];
  size.forEach((value, i) => {
    const w = weights === undefined ? 1 : weights[i];
    mean += w * value;
    total += w;
  });
  return mean > 0 ? mean / total : Number.MIN_VALUE ** 0.25;
}

/** Center and scale of numbers: their median, and how far they scatter around it. */
export function centerAndScale(x: ArrayLike<number>): { readonly center: number; readonly scale: number } {
  const center = weightedMedian(x);
  return { center, scale: scaleOf(Float64Array.from(x, value => value - center)) };
}

/** Rows at least in a window, and windows over all rows, between which the scale is interpolated. */
const window = { rows: 80, share: 1 / 8, knots: 12 } as const;

/**
 * The scale of residuals at each prediction, as large values often scatter more than small ones: that of the residuals in a window of neighbours by their
 * predictions, linear in between by its logarithm. Of few rows one scale for all.
 *
 * @param weights what each residual counts
 * @returns the scale at a prediction
 */
export function localScale(predicted: Float64Array, residuals: Float64Array, weights: Float64Array): (at: number) => number {
  const n = predicted.length,
    size = Math.max(window.rows, Math.ceil(n * window.share)),
    all = scaleOf(residuals, weights);
  if (n < 2 * size) return () => all;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => predicted[a] - predicted[b]),
    knots: { readonly at: number; readonly log: number }[] = [];
  for (let k = 0; k < window.knots; k++) {
    const first = Math.round((k / (window.knots - 1)) * (n - size)),
      rows = order.subarray(first, first + size),
      own = Float64Array.from(rows, i => weights[i]);
    // A window in which hardly anything counts says nothing.
    if (own.reduce((a, b) => a + b, 0) < size / 4) continue;
    const scale = scaleOf(
      Float64Array.from(rows, i => residuals[i]),
      own,
    );
    knots.push({ at: predicted[rows[size >> 1]], log: Math.log(Math.min(Math.max(scale, all / 8), all * 8)) });
  }
  if (knots.length === 0) return () => all;
  return at => {
    const next = knots.findIndex(knot => knot.at > at);
    if (next === 0 || knots.length === 1) return Math.exp(knots[0].log);
    if (next < 0) return Math.exp(knots[knots.length - 1].log);
    const [a, b] = [knots[next - 1], knots[next]],
      part = b.at > a.at ? (at - a.at) / (b.at - a.at) : 1;
    return Math.exp((1 - part) * a.log + part * b.log);
  };
}

/** Residuals beyond so many scales count less in a robust fit: 95 % as efficient as least squares where nothing is wrong (Huber). */
export const huber = 1.345;

/** Weights of Huber's loss: 1 up to 1.345 scales, then falling with the distance. */
export const huberWeight = (z: number): number => Math.min(1, huber / Math.max(Math.abs(z), 1e-12));

/** Huber's loss of a residual in scales. */
export const huberLoss = (z: number): number => {
  const size = Math.abs(z);
  return size <= huber ? (z * z) / 2 : huber * (size - huber / 2);
};
