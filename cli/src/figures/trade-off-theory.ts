import { optimalProbability, recompute, secondMoment, stepCosts } from "ufom";
import type { ScalarProblem } from "../problems/toy/family.js";
import type { Starts } from "../problems/toy/problem.js";

/** V² = E‖G_exact‖² and D² = E‖G_exact − G_FO‖². */
export interface Moments {
  readonly v2: number;
  readonly d2: number;
}

/** Gradient evaluations of an estimate: r + 1 always, and r products with r(r − 1)/2 inner steps once more where the coin falls. */
export const costsOf = ({ loop: { steps } }: ScalarProblem) => stepCosts(steps, recompute, 1);

/** p_i = (1 − αa_i)ʳ, by which the inner loop shrinks a distance from the bottom of a parabola. */
const shrinkage = ({ tasks, loop: { rate, steps } }: ScalarProblem): number[] => tasks.map(({ a }) => (1 - rate * a) ** steps);

/** θ at which the mean of a_i·p_i²·(θ − b_i/a_i), which is ∇M, is zero. */
export function stationaryOf(problem: ScalarProblem): number {
  const p = shrinkage(problem);
  const sum = (of: (a: number, b: number) => number): number =>
    problem.tasks.reduce((total, { a, b }, i) => total + of(a, b) * p[i] * p[i], 0);
  return sum((_, b) => b) / sum(a => a);
}

/** Moments in closed form where all of the inner loop is on the parabolas, from E(θ − b_i/a_i)². */
function momentsFrom(problem: ScalarProblem, square: (bottom: number) => number): Moments {
  const p = shrinkage(problem);
  const mean = (factor: (p: number) => number): number =>
    problem.tasks.reduce((sum, { a, b }, i) => sum + (a * factor(p[i])) ** 2 * square(b / a), 0) / problem.tasks.length;
  return { v2: mean(each => each * each), d2: mean(each => each - each * each) };
}

/** The moments at a θ. */
export const momentsAt = (problem: ScalarProblem, theta: number): Moments => momentsFrom(problem, bottom => (theta - bottom) ** 2);

/** The moments over θ uniform in a range. */
export const momentsOver = (problem: ScalarProblem, { low, high }: Starts): Moments =>
  momentsFrom(problem, bottom => ((high - bottom) ** 3 - (low - bottom) ** 3) / (3 * (high - low)));

/** q* where iterations grow as E‖G‖²ᵖ; D² > 0 has one. */
export const bestProbability = (problem: ScalarProblem, moments: Moments, p: number): number =>
  optimalProbability({ ...moments, ...costsOf(problem), p })!;

/** p as it was measured: the slope of log iterations in log E‖G‖², by least squares over some probabilities. */
export function exponentOf({ v2, d2 }: Moments, tried: readonly { readonly q: number; readonly iterations: number }[]): number {
  const points = tried.map(({ q, iterations }) => [Math.log(secondMoment(v2, d2, q)), Math.log(iterations)] as const),
    [x, y] = [0, 1].map(axis => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const over = (of: (dx: number, dy: number) => number): number => points.reduce((sum, point) => sum + of(point[0] - x, point[1] - y), 0);
  return over((dx, dy) => dx * dy) / over(dx => dx * dx);
}
