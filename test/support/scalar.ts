// Scalar bi-level problems in plain numbers, written without the library: the piecewise family of the method, its three
// pieces spelled out, and gradients by the chain rule.

export interface Curve {
  readonly a: number;
  readonly b: number;
  readonly A: number;
}

/** f, f′, f″ of one curve at x. */
export function curve({ a, b, A }: Curve, x: number): { readonly f: number; readonly d1: number; readonly d2: number } {
  const z = Math.abs(x - b / a);
  const s = x < b / a ? -1 : 1;
  if (z <= A) return { f: 0.5 * a * z ** 2, d1: s * a * z, d2: a };
  if (z <= A + 1) {
    return {
      f: (-a * (z - A) ** 3) / 6 + (a * (z - A) ** 2) / 2 + a * A * z - (a * A ** 2) / 2,
      d1: s * ((-a * (z - A) ** 2) / 2 + a * z),
      d2: a * (1 - (z - A)),
    };
  }
  return { f: (a / 2 + a * A) * z - a / 6 - (a * A ** 2) / 2 - (a * A) / 2, d1: s * (a / 2 + a * A), d2: 0 };
}

/** MAML on one curve: ∇ = f′(φ_r) Π (1 − α f″(φ_j)) and the first-order gradient f′(φ_r). */
export function maml(task: Curve, theta: number, rate: number, steps: number): { exact: number; firstOrder: number; loss: number } {
  const phis = [theta];
  for (let j = 0; j < steps; j++) phis.push(phis[j] - rate * curve(task, phis[j]).d1);
  const { f, d1 } = curve(task, phis[steps]);
  const factors = phis.slice(0, steps).map(phi => 1 - rate * curve(task, phi).d2);
  return { loss: f, firstOrder: d1, exact: factors.reduce((product, factor) => product * factor, d1) };
}

/** A scalar problem in which θ may enter everywhere: V = m θ, L_in = σ f(φ − cθ), L_out = h(φ − dθ). */
export interface ScalarProblem {
  readonly start: number;
  readonly inner: Curve & { readonly sign: 1 | -1; readonly shift: number };
  readonly outer: Curve & { readonly shift: number };
  readonly rate: number;
  readonly steps: number;
}

/** Loss, exact gradient by the tangent dφ_j/dθ carried forward, and first-order gradient without the mixed part. */
export function solveScalar(problem: ScalarProblem, theta: number): { loss: number; exact: number; firstOrder: number } {
  const { start, inner, outer, rate, steps } = problem;
  let [phi, tangent] = [start * theta, start];
  for (let j = 0; j < steps; j++) {
    const { d1, d2 } = curve(inner, phi - inner.shift * theta);
    phi -= rate * inner.sign * d1;
    tangent -= rate * inner.sign * d2 * (tangent - inner.shift);
  }
  const { f, d1 } = curve(outer, phi - outer.shift * theta);
  return { loss: f, exact: d1 * (tangent - outer.shift), firstOrder: d1 * (start - outer.shift) };
}
