import { fail } from "ufom/internal/tensor/error";

/** f of one task: a parabola of curvature a around b/a that becomes straight beyond `width`. */
export interface ScalarTask {
  /** a > 0, the curvature at the bottom. */
  readonly a: number;
  /** b; the minimum of the parabola is at b/a. */
  readonly b: number;
  /** A > 0, how far the parabola reaches; the curvature falls to 0 between A and A + 1. */
  readonly width: number;
}

/** f(x), with bounded slope and bounded, Lipschitz curvature. */
export function value({ a, b, width }: ScalarTask, x: number): number {
  const z = Math.abs(x - b / a);
  if (z <= width) return (a * z * z) / 2;
  if (z > width + 1) return (a / 2 + a * width) * z - a / 6 - (a * width * width) / 2 - (a * width) / 2;
  const beyond = z - width;
  return (-a * beyond ** 3) / 6 + (a * beyond * beyond) / 2 + a * width * z - (a * width * width) / 2;
}

/** f′(x). */
export function slope({ a, b, width }: ScalarTask, x: number): number {
  const [offset, z] = [x - b / a, Math.abs(x - b / a)];
  if (z <= width) return a * offset;
  const beyond = Math.min(z - width, 1);
  return Math.sign(offset) * (a * width + a * beyond - (a * beyond * beyond) / 2);
}

/** f″(x). */
export function curvature({ a, b, width }: ScalarTask, x: number): number {
  const z = Math.abs(x - b / a);
  return a * Math.min(1, Math.max(0, 1 - (z - width)));
}

/** r steps of gradient descent on f from θ. */
export interface InnerLoop {
  /** α, the inner step size. */
  readonly rate: number;
  /** r, the number of inner steps. */
  readonly steps: number;
}

/** M(θ) and its gradients, the exact one and the first-order one. */
export interface Outcome {
  readonly loss: number;
  readonly exact: number;
  readonly firstOrder: number;
}

/** One task, started at θ: L = f(φ_r), exact f′(φ_r)·Π(1 − α f″(φ_j)), first-order f′(φ_r). */
export function adapted(task: ScalarTask, theta: number, { rate, steps }: InnerLoop): Outcome {
  let [phi, factor] = [theta, 1];
  for (let j = 0; j < steps; j++) {
    factor *= 1 - rate * curvature(task, phi);
    phi -= rate * slope(task, phi);
  }
  const firstOrder = slope(task, phi);
  return { loss: value(task, phi), exact: firstOrder * factor, firstOrder };
}

/** The same for equally likely tasks: the mean. */
export function objective(tasks: readonly ScalarTask[], theta: number, loop: InnerLoop): Outcome {
  const each = tasks.map(task => adapted(task, theta, loop));
  const mean = (key: keyof Outcome): number => each.reduce((sum, outcome) => sum + outcome[key], 0) / each.length;
  return { loss: mean("loss"), exact: mean("exact"), firstOrder: mean("firstOrder") };
}

/** Two tasks, each with probability ½, and the inner loop that both use. */
export interface ScalarProblem {
  readonly tasks: readonly [ScalarTask, ScalarTask];
  readonly loop: InnerLoop;
}

/** A problem whose first-order method stops at the wrong place. */
export interface DivergenceProblem extends ScalarProblem {
  /** θ_FO, where the mean of the first-order gradients is zero. */
  readonly firstOrderFixedPoint: number;
  /** |∇M(θ_FO)| = √(2D). */
  readonly gradientNormThere: number;
}

/**
 * The problem on which first-order descent settles where |∇M| = √(2D): r = 10, α = 0.1, a = (½, 3/2), b₁ = 0, and, with
 * p_i = (1 − αa_i)ʳ,
 *
 *     θ_FO = p₂b₂/(a₁p₁ + a₂p₂),   b₂ = 2√(2D) / |(a₁p₁² + a₂p₂²)·p₂/(a₁p₁ + a₂p₂) − p₂²|,   A = |b₁/a₁ − b₂/a₂| + 1
 *
 * Source: Likhosherstov et al., ICML 2021; docs/theory.md, section 6.
 *
 * @param gap D > 0
 * @throws if D is not positive and finite
 */
export function divergenceProblem(gap = 0.06): DivergenceProblem {
  if (!(gap > 0 && Number.isFinite(gap))) fail("divergenceProblem", "wants a positive gap", `${gap}`);
  const loop = { rate: 0.1, steps: 10 };
  const [a1, a2] = [0.5, 1.5];
  const [p1, p2] = [a1, a2].map(a => (1 - loop.rate * a) ** loop.steps) as [number, number];
  const perOffset = p2 / (a1 * p1 + a2 * p2);
  const gradientNormThere = Math.sqrt(2 * gap);
  const b2 = (2 * gradientNormThere) / Math.abs((a1 * p1 * p1 + a2 * p2 * p2) * perOffset - p2 * p2);
  const width = b2 / a2 + 1;
  return {
    tasks: [
      { a: a1, b: 0, width },
      { a: a2, b: b2, width },
    ],
    loop,
    firstOrderFixedPoint: perOffset * b2,
    gradientNormThere,
  };
}

/**
 * The problem that trades time for variance: r = 10, a = (½, 3/2), b = (0, 10), A = 400.
 *
 * Source: Likhosherstov et al., ICML 2021; docs/theory.md, section 6.
 *
 * @param rate α > 0
 * @throws if α is not positive and finite
 */
export function tradeOffProblem(rate: number): ScalarProblem {
  if (!(rate > 0 && Number.isFinite(rate))) fail("tradeOffProblem", "wants a positive inner step size", `${rate}`);
  return {
    tasks: [
      { a: 0.5, b: 0, width: 400 },
      { a: 1.5, b: 10, width: 400 },
    ],
    loop: { rate, steps: 10 },
  };
}
