/** A linear model x·w + b, in float64. */
export interface Linear {
  readonly w: Float64Array;
  readonly b: number;
}

/** Some rows of an array of features. */
export interface Chosen {
  readonly features: Float32Array;
  readonly width: number;
  readonly rows: Int32Array;
}

/** Steps of conjugate gradients at most: with fewer features than this they end by themselves. */
const most = 200;

/** What a linear model says of a row. */
export function linearAt({ w, b }: Linear, features: Float32Array, row: number): number {
  let sum = b;
  for (let k = 0, at = row * w.length; k < w.length; k++) sum += w[k] * features[at + k];
  return sum;
}

/**
 * Weighted ridge regression: the w and b at which
 *
 *     Σ_i u_i (y_i − x_i·w − b)² / Σ_i u_i + λ‖w‖²
 *
 * is least, by conjugate gradients on the centred normal equations, which touch the rows and no matrix of features × features.
 *
 * @param values of the chosen rows, in their order, as the weights are
 * @param from where it begins
 */
export function ridge(
  { features, width, rows }: Chosen,
  values: Float64Array,
  weights: Float64Array,
  lambda: number,
  from?: Linear,
): Linear {
  const n = rows.length,
    mean = new Float64Array(width);
  let [total, middle] = [0, 0];
  for (let i = 0; i < n; i++) {
    const [u, at] = [weights[i], rows[i] * width];
    total += u;
    middle += u * values[i];
    if (u > 0) for (let k = 0; k < width; k++) mean[k] += u * features[at + k];
  }
  middle /= total;
  for (let k = 0; k < width; k++) mean[k] /= total;

  /** XᵀU(X v − t) / Σu of centred features, t of the centred values or 0. */
  const normal = (v: Float64Array, target: boolean): Float64Array => {
    const out = new Float64Array(width);
    let shift = 0;
    for (let k = 0; k < width; k++) shift += mean[k] * v[k];
    let rest = 0;
    for (let i = 0; i < n; i++) {
      const u = weights[i];
      if (u === 0) continue;
      const at = rows[i] * width;
      let along = -shift - (target ? values[i] - middle : 0);
      for (let k = 0; k < width; k++) along += features[at + k] * v[k];
      along *= u / total;
      rest += along;
      for (let k = 0; k < width; k++) out[k] += along * features[at + k];
    }
    for (let k = 0; k < width; k++) out[k] += lambda * v[k] - rest * mean[k];
    return out;
  };
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, k) => sum + x * b[k], 0);
  const w = from === undefined ? new Float64Array(width) : from.w.slice(),
    atZero = normal(new Float64Array(width), true),
    r = (from === undefined ? atZero : normal(w, true)).map(x => -x),
    small = 1e-16 * dot(atZero, atZero);
  let p = r.slice(),
    size = dot(r, r);
  for (let step = 0; step < Math.min(most, 2 * width + 10) && size > small; step++) {
    const along = normal(p, false),
      curvature = dot(p, along);
    if (!(curvature > 0)) break;
    const rate = size / curvature;
    for (let k = 0; k < width; k++) {
      w[k] += rate * p[k];
      r[k] -= rate * along[k];
    }
    const next = dot(r, r);
    p = p.map((x, k) => r[k] + (next / size) * x);
    size = next;
  }
  return { w, b: middle - dot(w, mean) };
}
