/** A whole number with its thousands apart: `12,000`. */
export const whole = (n: number): string => n.toLocaleString("en-US", { maximumFractionDigits: 0 });

/** A number in four significant digits: `0.3464`, `1.2e-7`. */
export function short(x: number): string {
  const size = Math.abs(x);
  if (!Number.isFinite(x) || x === 0) return String(x);
  if (size >= 1e6 || size < 1e-4) return x.toExponential(2).replace("e+", "e");
  return Number.isInteger(x) ? whole(x) : String(Number(x.toPrecision(4)));
}

/** A duration: `8.4 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 0.1) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds) % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Bytes in decimal units: `31.4 kB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(units.length, Math.floor(Math.log10(n) / 3));
  return `${Number((n / 1000 ** power).toPrecision(3))} ${units[power - 1]}`;
}

/** A name of the JSON as words: `gradientNorm` → `gradient norm`. */
export const words = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase();

/** Mean and, of several numbers, their standard deviation: `0.346 ± 0.002`. */
export function spread(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

/** A number and what it may be off by, with as many decimals as that has two digits for: `0.3460 ± 0.0021`; the number alone if it is 0. */
export function plusMinus(mean: number, deviation: number): string {
  if (!(deviation > 0)) return short(mean);
  if (Math.abs(mean) >= 1e6 || deviation >= 1e6) return `${short(mean)} ± ${short(deviation)}`;
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(deviation)));
  return decimals <= 6 ? `${mean.toFixed(decimals)} ± ${deviation.toFixed(decimals)}` : `${short(mean)} ± ${deviation.toExponential(1)}`;
}

/** Mean and standard deviation of several numbers: `0.3460 ± 0.0021`; the number alone if there is one. */
export function meanAndSpread(values: readonly number[]): string {
  const { mean, deviation } = spread(values);
  return plusMinus(mean, deviation);
}
