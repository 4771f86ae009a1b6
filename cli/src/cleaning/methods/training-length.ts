import { hypergradient } from "ufom";
import type { Executor, HostTree, Problem } from "ufom";

/** Lengths of the inner training that are tried, each beside one twice as long. */
const lengths = [25, 50, 100] as const;

/** From this cosine on a longer training would turn the weights no other way. */
const enough = 0.95;

/** r, and how much the hypergradient of a training twice as long turns away from its own. */
export interface TrainingLength {
  readonly steps: number;
  readonly cosine: number;
}

/** The cosine of two gradients, as lists of numbers. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/**
 * The shortest of 25, 50 and 100 inner steps whose exact hypergradient at θ₀ points where that of twice as many does:
 *
 *     cos(∇M_r(θ₀), ∇M_2r(θ₀)) ≥ 0.95,
 *
 * and 100 where none does.
 */
export async function trainingLength<TH extends { readonly logits: { readonly data: ArrayLike<number> } } & HostTree>(
  problem: Problem<TH>,
  executor: Executor,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<TrainingLength> {
  const gradientAt = async (innerSteps: number) =>
    (await hypergradient(problem, { innerSteps, seed, executor, ...(signal ? { signal } : {}) })).gradient.logits.data;
  let shorter = await gradientAt(lengths[0]),
    found: TrainingLength;
  for (let k = 0; ; k++) {
    const longer = await gradientAt(2 * lengths[k]);
    found = { steps: lengths[k], cosine: cosine(shorter, longer) };
    if (found.cosine >= enough || k === lengths.length - 1) return found;
    shorter = longer;
  }
}
