import type { ScalarProblem } from "../problems/toy/family.js";
import { mean } from "./numbers.js";
import { starts } from "./trade-off-experiment.js";

/** Variance over V² where all of the inner loop is on the parabolas and θ uniform in the range: that of each task over its own V², weighted by it. */
function closedForm(problem: ScalarProblem, r: number, excess: (shrink: number) => number): number {
  const { tasks, loop } = problem,
    { low, high } = starts,
    squares = tasks.map(({ a, b }) => {
      const bottom = b / a,
        distance = ((high - bottom) ** 3 - (low - bottom) ** 3) / (3 * (high - low));
      return (a * (1 - loop.rate * a) ** (2 * r)) ** 2 * distance;
    });
  return tasks.reduce((sum, { a }, i) => sum + squares[i] * excess(loop.rate * a), 0) / (mean(squares) * tasks.length);
}

/** One coin for the sweep, q = K/r: (1/q − 1)·(1 − 1/(1 − αa)ʳ)² of a task's V². */
export const oneCoin = (problem: ScalarProblem, k: number, r: number): number =>
  closedForm(problem, r, step => (r / k - 1) * (1 - (1 - step) ** -r) ** 2);

/** A coin for each step, p = K/r: the product over steps of 1 + (1/p − 1)·(αa/(1 − αa))², less 1. */
export const coinAStep = (problem: ScalarProblem, k: number, r: number): number =>
  closedForm(problem, r, step => (1 + (r / k - 1) * (step / (1 - step)) ** 2) ** r - 1);
