import { tradeOffProblem } from "../problems/toy/family.js";
import { descend, gradientsByTask } from "./descents.js";
import type { FigureContext } from "./figure.js";
import type { Batch } from "./many-starts.js";
import { float64, manyStarts } from "./many-starts.js";
import { decades, geometrically, mean } from "./numbers.js";
import type { Moments } from "./trade-off-theory.js";

export const starts = { low: -50, high: 50 } as const;
export const rates = geometrically(0.001, 0.05, 10);
export const probabilities = geometrically(0.003, 1, 20);
/** E|∇M| falls as k^−½ from about here on. */
const from = 300;
const outerSteps = 1000;

/** The problem of a rate. */
export const problemAt = tradeOffProblem;

/** Descents at all rates and probabilities. */
export interface Experiment {
  /** √k·E|∇M(θ_k)|, by rate and probability: its mean over k from `from` on. Iterations to E|∇M| = ε are its square over ε². */
  readonly levels: readonly (readonly number[])[];
  /** θ at the end, [rates, probabilities, starts]. */
  readonly ends: Float64Array;
}

/** All descents as one batch. */
export async function experiment(context: FigureContext): Promise<Experiment> {
  const extents = [rates.length, probabilities.length, context.starts] as const,
    batch: Batch = { scalar: problemAt(rates[0]), rates, extents, starts },
    at = decades(from, outerSteps, 16),
    sums = rates.map(() => probabilities.map(() => 0));
  let ends: Float64Array = new Float64Array();
  for await (const { k, x, gradient } of descend({ batch, probabilities, at }, context)) {
    const norms = gradient.map(Math.abs);
    for (const [r, row] of sums.entries())
      for (let q = 0; q < row.length; q++) {
        const cell = (r * row.length + q) * context.starts;
        row[q] += Math.sqrt(k) * mean(norms.subarray(cell, cell + context.starts));
      }
    ends = x.data as Float64Array;
  }
  return { levels: sums.map(row => row.map(sum => sum / at.length)), ends };
}

/** V² and D² at each rate, measured: the mean over starts and both tasks. `theta` has the starts of each rate one after another. */
export async function measuredMoments(theta: Float64Array, context: FigureContext): Promise<Moments[]> {
  const extents = [rates.length, 1, context.starts] as const,
    batch: Batch = { scalar: problemAt(rates[0]), rates, extents, starts },
    tasks = await gradientsByTask(batch, manyStarts(batch), float64(extents, theta), context);
  return rates.map((_, r) => {
    const part = (of: Float64Array) => of.subarray(r * context.starts, (r + 1) * context.starts);
    const over = (square: (exact: number, firstOrder: number) => number): number =>
      mean(tasks.map(({ exact, firstOrder }) => mean(part(exact).map((g, s) => square(g, part(firstOrder)[s])))));
    return { v2: over(g => g * g), d2: over((g, b) => (g - b) ** 2) };
  });
}

/** θ₀ of every start at every rate. */
export const startsAtRates = (context: FigureContext): Float64Array =>
  manyStarts({ scalar: problemAt(rates[0]), extents: [rates.length, 1, context.starts], starts }).theta(context.seed).x
    .data as Float64Array;

/** Where the descents of one probability for each rate ended. */
export function endsOf({ ends }: Experiment, chosen: readonly number[], context: FigureContext): Float64Array {
  const n = context.starts,
    picked = new Float64Array(rates.length * n);
  for (const [r, q] of chosen.entries()) {
    const cell = (r * probabilities.length + q) * n;
    picked.set(ends.subarray(cell, cell + n), r * n);
  }
  return picked;
}
