// Hyper-cleaning in plain numbers, written without the library: softmax regression, its sweep back, and both gradients, in float64.

export interface Regression {
  /** n rows of features, and the class of each. */
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly classes: number;
}

export interface Loop {
  readonly lambda: number;
  readonly rate: number;
  readonly steps: number;
}

/** W (features × classes) and b. */
export interface Parameters {
  readonly w: readonly (readonly number[])[];
  readonly b: readonly number[];
}

export const logitsOf = (x: readonly number[], { w, b }: Parameters): number[] =>
  b.map((bias, c) => x.reduce((sum, value, f) => sum + value * w[f][c], bias));

function softmax(z: readonly number[]): number[] {
  const top = Math.max(...z);
  const e = z.map(v => Math.exp(v - top));
  const sum = e.reduce((a, v) => a + v, 0);
  return e.map(v => v / sum);
}

/** Σ_i x_iᵀ d_i and Σ_i d_i. */
function outerSum(x: Regression["x"], d: readonly (readonly number[])[], classes: number): Parameters {
  const w = x[0].map((_, f) => Array.from({ length: classes }, (__, c) => x.reduce((sum, row, i) => sum + row[f] * d[i][c], 0)));
  return { w, b: Array.from({ length: classes }, (_, c) => d.reduce((sum, row) => sum + row[c], 0)) };
}

/** p + s·q. */
const plus = (p: Parameters, s: number, q: Parameters): Parameters => ({
  w: p.w.map((row, f) => row.map((v, c) => v + s * q.w[f][c])),
  b: p.b.map((v, c) => v + s * q.b[c]),
});
const onlyW = (p: Parameters): Parameters => ({ w: p.w, b: p.b.map(() => 0) });

/** φ₀ = 0, …, φ_r of descent on 1/n Σ w_i crossEntropy_i + λ‖W‖². */
export function train({ x, y, classes }: Regression, weights: readonly number[], { lambda, rate, steps }: Loop): Parameters[] {
  const states: Parameters[] = [{ w: x[0].map(() => new Array<number>(classes).fill(0)), b: new Array<number>(classes).fill(0) }];
  for (let j = 0; j < steps; j++) {
    const phi = states[j];
    const d = x.map((row, i) => softmax(logitsOf(row, phi)).map((p, c) => (weights[i] / x.length) * (p - (c === y[i] ? 1 : 0))));
    states.push(plus(plus(phi, -rate, outerSum(x, d, classes)), -2 * rate * lambda, onlyW(phi)));
  }
  return states;
}

/** Outer loss, and its gradients with respect to the logits θ of the weights: exact, and with ∂²_φφ dropped. */
export function hypergradients(data: Regression, clean: Regression, theta: readonly number[], loop: Loop) {
  const { x, y, classes } = data;
  const weights = theta.map(t => 1 / (1 + Math.exp(-t)));
  const states = train(data, weights, loop);
  const last = states[loop.steps];
  const probabilities = clean.x.map(row => softmax(logitsOf(row, last)));
  const loss = probabilities.reduce((sum, p, i) => sum - Math.log(p[clean.y[i]]), 0) / clean.x.length;
  const first = outerSum(
    clean.x,
    probabilities.map((p, i) => p.map((v, c) => (v - (c === clean.y[i] ? 1 : 0)) / clean.x.length)),
    classes,
  );
  const exact = new Array<number>(x.length).fill(0);
  const mixed = new Array<number>(x.length).fill(0);
  let u = first;
  for (let j = loop.steps - 1; j >= 0; j--) {
    const curved: number[][] = [];
    x.forEach((row, i) => {
      const p = softmax(logitsOf(row, states[j]));
      const slope = weights[i] * (1 - weights[i]);
      const along = (v: Parameters) => logitsOf(row, v).reduce((sum, z, c) => sum + z * (p[c] - (c === y[i] ? 1 : 0)), 0);
      exact[i] -= (loop.rate / x.length) * slope * along(u);
      mixed[i] -= (loop.rate / x.length) * slope * along(first);
      const z = logitsOf(row, u);
      const mean = z.reduce((sum, v, c) => sum + p[c] * v, 0);
      curved.push(z.map((v, c) => (weights[i] / x.length) * p[c] * (v - mean)));
    });
    u = plus(plus(u, -loop.rate, outerSum(x, curved, classes)), -2 * loop.rate * loop.lambda, onlyW(u));
  }
  return { loss, exact, mixed };
}
