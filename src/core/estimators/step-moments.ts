import { optimalStepProbabilities } from "../theory/stepwise.js";
import type { StepwiseSample, StepVisit } from "./step-probabilities.js";

/** What was seen of a block of steps that follow one another: sums with weights, whose ratios count. */
type Block = {
  /** Visits. */
  readonly visits: number;
  /** Of ‖(J − C)ᵀû‖², ‖Bᵀû‖² and ‖û‖². */
  readonly dropped: number;
  readonly mixed: number;
  readonly swept: number;
  /** The largest growth ‖(J − C)ᵀv‖/‖v‖ lately: α λ_max as far as it was seen. */
  readonly growth: number;
};

/** What probabilities that learn have seen: data. */
export type StepwiseMoments = {
  readonly draws: number;
  /** Products of their sweeps, and how often curvature was measured besides. */
  readonly products: number;
  readonly measured: number;
  /** Their weights' sum. */
  readonly samples: number;
  readonly blocks: readonly Block[];
  /** Sums of ‖G‖², of what the coins added to it, of ‖û₀‖², ‖(∂V/∂θ)ᵀû₀‖², and of costs. */
  readonly gradient: number;
  readonly noise: number;
  readonly first: number;
  readonly start: number;
  readonly always: number;
  readonly product: number;
};

const nothing: Block = { visits: 0, dropped: 0, mixed: 0, swept: 0, growth: 0 };

/** Nothing, of so many blocks of r steps. */
export const noMoments = (blocks: number, steps: number): StepwiseMoments => ({
  ...{ draws: 0, products: 0, measured: 0 },
  samples: 0,
  blocks: Array.from({ length: Math.min(blocks, steps) }, () => nothing),
  ...{ gradient: 0, noise: 0, first: 0, start: 0, always: 0, product: 0 },
});

/** The block of step j: blocks are equally long, to one step. */
export const blockOf = (j: number, blocks: number, steps: number): number => Math.floor(((j - 1) * blocks) / steps);

/** A norm from a mean of squares. */
const rootOf = (sum: number, count: number): number => (count > 0 ? Math.sqrt(sum / count) : 0);

/**
 * a_1 … a_r: what step j's second derivatives add to G, as far as it was seen, (σ + Σ_{i<j} β_i)·‖A_jᵀû_j‖ + ‖B_jᵀû_j‖ in root mean squares, where
 * σ = ‖(∂V/∂θ)ᵀû₀‖/‖û₀‖ is what the start makes of a u, and β_i = ‖B_iᵀû_i‖/‖û_i‖ what the mixed part of an earlier step makes of it.
 */
function effectsOf({ blocks, first, start }: StepwiseMoments, steps: number): number[] {
  let gain = first > 0 ? Math.sqrt(start / first) : 0;
  return Array.from({ length: steps }, (_, i) => {
    const { visits, dropped, mixed, swept } = blocks[blockOf(i + 1, blocks.length, steps)],
      effect = gain * rootOf(dropped, visits) + rootOf(mixed, visits);
    gain += rootOf(mixed, swept);
    return effect;
  });
}

/** Of ‖G‖² at least this share counts as V², however much the coins are thought to have added. */
const LEAST_SHARE = 0.05;

/**
 * The best probabilities for what was seen, none below κ times the growth that was seen at its step.
 * @param least below which none falls
 */
export function bestFor(seen: StepwiseMoments, steps: number, kappa: number, least: number): number[] {
  const { samples, blocks, gradient, noise, always, product } = seen,
    guard = blocks.map(({ growth }) => Math.min(1, Math.max(least, kappa * growth)));
  return optimalStepProbabilities({
    v2: Math.max(gradient - noise, LEAST_SHARE * gradient) / samples,
    a2: effectsOf(seen, steps).map(a => a * a),
    det: always / samples,
    product: product / samples,
    least: Array.from({ length: steps }, (_, i) => guard[blockOf(i + 1, blocks.length, steps)]),
  });
}

/** What is known after a draw: sums with weights decay^age. */
export function withSample(before: StepwiseMoments, sample: StepwiseSample, steps: number, decay: number): StepwiseMoments {
  const { visits, measured, gradient, first, start, cost } = sample,
    numbers = [gradient, first, start, ...visits.flatMap(v => [v.dropped, v.mixed, v.swept])];
  // A square that overflows says nothing; the run itself will say that it diverged.
  if (!numbers.every(Number.isFinite)) return before;
  const mix = (old: number, x: number) => decay * old + x,
    blocks = before.blocks.map((block, b) =>
      withVisits(
        block,
        visits.filter(v => blockOf(v.step, before.blocks.length, steps) === b),
        measured,
        decay,
      ),
    ),
    known = { ...before, blocks, first: mix(before.first, first), start: mix(before.start, start) },
    effects = effectsOf(known, steps),
    // Each visit stands for 1/p draws.
    noise = visits.reduce((sum, { step, probability: p }) => sum + ((1 / p - 1) / p) * effects[step - 1] * effects[step - 1], 0);
  return {
    ...known,
    draws: before.draws + 1,
    products: before.products + visits.length,
    measured: before.measured + measured.length,
    samples: mix(before.samples, 1),
    gradient: mix(before.gradient, gradient),
    noise: mix(before.noise, noise),
    always: mix(before.always, cost.always),
    product: mix(before.product, cost.product ?? before.product / Math.max(1, before.samples)),
  };
}

function withVisits(block: Block, visits: readonly StepVisit[], measured: readonly number[], decay: number): Block {
  if (!visits.length) return block;
  const sumOf = (name: "dropped" | "mixed" | "swept") => visits.reduce((sum, visit) => sum + visit[name], decay * block[name]),
    // What was seen stays until curvature is measured again; what a visit shows is a lower bound.
    kept = visits.some(({ step }) => measured.includes(step)) ? decay * block.growth : block.growth;
  return {
    visits: decay * block.visits + visits.length,
    dropped: sumOf("dropped"),
    mixed: sumOf("mixed"),
    swept: sumOf("swept"),
    growth: Math.max(kept, ...visits.map(({ growth }) => growth)),
  };
}
