// How p_wrong is learned where the wrong rows are not known.
//
// A trusted row has a true label, and mostly no given one: it shows how a *right* row looks (its score, computed with its true label by models that have
// not seen it), and never how a wrong one does. The file shows how right and wrong rows look together. What is wrong is the difference. With
// z = log-odds of "wrong", and with v_i = the share of the file's rows that trusted row i stands for once some of its kind have been given another label
// (the noise model's r(x, y) times how often the class is), the expected log loss is, up to nothing,
//
//     R(z) = E[softplus(−z) wrong + softplus(z) right] = 1/n Σ_rows softplus(−z) + Σ_trusted v_i z_i,
//
// because softplus(z) − softplus(−z) = z: what the file's right rows add is known from the trusted ones. It is convex in a linear z. Where it is least,
// features of the rows, weighted by their p_right, add up to those of the trusted rows: nothing is supposed about what wrong labels look like, only that
// right ones look like trusted ones. No labels are flipped by way of trial, which would teach a combination our own idea of the noise.
//
// The risk is the convex one of M. C. du Plessis, G. Niu, M. Sugiyama, Convex formulation for learning from positive and unlabeled data, ICML 2015, for
// which right rows are the positive ones.
import { sigmoid, solvePositive } from "./numbers.js";

/** Columns of features, n × p, row by row. */
export interface Features {
  readonly data: Float64Array;
  readonly n: number;
  readonly width: number;
}

/** What right rows look like: features, and for how many of the file's rows, as a share of all, each stands. */
export interface RightRows {
  readonly features: Features;
  readonly weights: Float64Array;
}

/** z = w·features + w₀, the intercept last. */
export function logOdds({ data, n, width }: Features, w: Float64Array): Float64Array {
  const z = new Float64Array(n).fill(w[width]);
  for (let i = 0; i < n; i++) for (let k = 0; k < width; k++) z[i] += data[i * width + k] * w[k];
  return z;
}

/** Adds s·x̃x̃ᵀ and t·x̃, where x̃ is a row with a one behind it. */
function addRow({ data, width }: Features, i: number, s: number, t: number, hessian: Float64Array, gradient: Float64Array): void {
  const p = width + 1;
  for (let k = 0; k < p; k++) {
    const x = k < width ? data[i * width + k] : 1;
    gradient[k] += t * x;
    if (s !== 0) for (let l = 0; l <= k; l++) hessian[k * p + l] += s * x * (l < width ? data[i * width + l] : 1);
  }
}

/**
 * The w at which R(z) + ½ ridge ‖w − centre‖² is least, by Newton's method; the intercept is not held, so that Σ p_right = n Σ v.
 *
 * @param centre weights that hold where right rows are too few to say otherwise, and the intercept to start from; zeros if not given
 * @returns the weights of the features, and the intercept behind them
 */
export function fitLogistic(
  rows: Features,
  right: RightRows,
  ridge: number,
  centre: Float64Array = new Float64Array(rows.width + 1),
): Float64Array {
  const { width, n } = rows,
    p = width + 1;
  let w: Float64Array = centre.slice();
  for (let round = 0; round < 50; round++) {
    const hessian = new Float64Array(p * p),
      gradient = new Float64Array(p);
    logOdds(rows, w).forEach((z, i) => {
      const q = sigmoid(z);
      addRow(rows, i, (q * (1 - q)) / n, -(1 - q) / n, hessian, gradient);
    });
    right.weights.forEach((v, i) => addRow(right.features, i, 0, v, hessian, gradient));
    for (let k = 0; k < width; k++) {
      gradient[k] += ridge * (w[k] - centre[k]);
      hessian[k * p + k] += ridge;
    }
    // Where nearly all is sure the curvature vanishes; a step then stays within reach.
    for (let k = 0; k < p; k++) hessian[k * p + k] += 1e-6;
    const step = solvePositive(hessian, gradient),
      size = Math.max(...step.map(Math.abs)),
      short = Math.min(1, 2 / size);
    w = w.map((x, k) => x - short * step[k]);
    if (size < 1e-7) break;
  }
  return w;
}

/** A rising step function of z: p_wrong is `values[k]` from `starts[k]` on. */
export interface Isotonic {
  readonly starts: Float64Array;
  readonly values: Float64Array;
}

/**
 * The rising p_wrong(z) with the least expected squared error, E[p_right²] − 2 E[p_right right] on the same two samples, by pooling adjacent violators:
 * within a block p_right is its trusted share over its share of the rows.
 *
 * Values stay ½/√n away from 0 and 1: the outermost blocks may have a row or two, of which nothing is sure.
 */
export function fitIsotonic(z: Float64Array, right: Float64Array, weights: Float64Array): Isotonic {
  const n = z.length,
    points = [
      ...Array.from(z, value => ({ z: value, rows: 1, right: 0 })),
      ...Array.from(right, (value, i) => ({ z: value, rows: 0, right: n * weights[i] })),
    ].sort((a, b) => a.z - b.z);
  const blocks: { z: number; rows: number; right: number }[] = [];
  for (const point of points) {
    const last = blocks.at(-1);
    if (last && last.z === point.z) {
      // Equal scores belong together whatever they say.
      last.rows += point.rows;
      last.right += point.right;
    } else blocks.push({ ...point });
  }
  const pooled: typeof blocks = [];
  for (const block of blocks) {
    pooled.push(block);
    // p_right falls with z: a block with more of it than the one before joins that.
    while (pooled.length > 1) {
      const [before, last] = pooled.slice(-2);
      if (last.right * before.rows < before.right * last.rows) break;
      pooled.pop();
      before.rows += last.rows;
      before.right += last.right;
    }
  }
  // Right rows before the first row of the file say nothing of any row.
  if (pooled[0].rows === 0) pooled.shift();
  const hair = 0.5 / Math.sqrt(n);
  return {
    starts: Float64Array.from(pooled, block => block.z),
    values: Float64Array.from(pooled, ({ rows, right: mass }) => Math.min(Math.max(1 - mass / rows, hair), 1 - hair)),
  };
}

/** p_wrong at some z. */
export function atSteps({ starts, values }: Isotonic, z: Float64Array): Float64Array {
  return z.map(x => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= x) low = middle;
      else high = middle - 1;
    }
    return values[low];
  });
}

/** What each held-out row and each held-out trusted row adds to the expected squared error E[(p_right − right)²]. */
export function squaredError(
  pWrong: Float64Array,
  ofRight: Float64Array,
  weights: Float64Array,
): { rows: Float64Array; right: Float64Array } {
  return { rows: pWrong.map(p => (1 - p) ** 2), right: ofRight.map((p, i) => weights[i] * (1 - 2 * (1 - p))) };
}
