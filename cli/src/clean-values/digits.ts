/** Decimals that a number is written with: 2 of 3.25, 0 of 1200, none of numbers like 1e-7 beyond twelve. */
function decimalsOf(x: number): number {
  for (let decimals = 0; decimals < 12; decimals++) if (Number(x.toFixed(decimals)) === x) return decimals;
  return 12;
}

/** Decimals of a column: as many as hardly any of its numbers exceeds. A few longer ones are mistakes. */
export function columnDecimals(values: Float64Array): number {
  const sorted = Float64Array.from(values, decimalsOf).sort();
  return sorted[Math.floor(0.95 * (sorted.length - 1))];
}

/** A prediction in digits that mean something: not finer than a tenth of how far right values scatter, nor than the column is written. */
export function sensible(predicted: number, scatter: number, decimals: number): number {
  const own = scatter > 0 && Number.isFinite(scatter) ? 1 - Math.floor(Math.log10(scatter)) : decimals,
    places = Math.min(own, decimals);
  if (places >= 0) return Number(predicted.toFixed(Math.min(places, 100)));
  const unit = 10 ** -places;
  return Math.round(predicted / unit) * unit;
}
