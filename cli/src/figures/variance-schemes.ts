import { hypergradient, parseEstimator } from "ufom";
import type { Choice, Estimator, Executor, HostArray } from "ufom";
import type { Batch, ManyStarts } from "./many-starts.js";
import { bothTasks } from "./many-starts.js";

/** An unbiased estimate with so many products expected, of r inner steps; nothing where it has none so few or so many. */
export interface Scheme {
  readonly name: string;
  readonly place: number;
  spelling(products: number, r: number): string | undefined;
}

/** Products that `truncated:5` takes always. */
const kept = 5;

/** Depths of a telescope, as parts of r: first-order, then these, then all. */
const depths = [1 / 4, 1 / 2];

/**
 * A telescope over truncations with `products` expected: each depth is gone on from with the same probability q, and takes all of its products, so that
 * there are q K₁ + q² K₂ + q³ r.
 */
function telescope(products: number, r: number): string {
  const ends = [...depths.map(part => Math.round(part * r)), r],
    expected = (q: number) => ends.reduce((sum, end, i) => sum + q ** (i + 1) * end, 0);
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const q = (low + high) / 2;
    if (expected(q) < products) low = q;
    else high = q;
  }
  const q = high.toFixed(12);
  return ends
    .slice(0, -1)
    .reduceRight((target, end) => `(ufom:${q}${target && `:target=${target}`}:baseline=truncated:${end})`, "")
    .replace(/^/, `ufom:${q}:target=`);
}

/** What is compared: another estimate is a line here. */
export const schemes: readonly Scheme[] = [
  { name: "one coin, over first-order", place: 0, spelling: (k, r) => (k <= r ? `ufom:${k / r}` : undefined) },
  { name: "a coin a step", place: 1, spelling: (k, r) => (k <= r ? `ufom:steps=${k}` : undefined) },
  {
    name: `one coin, over truncated:${kept}`,
    place: 2,
    spelling: (k, r) => (k > kept && k - kept <= r ? `ufom:${(k - kept) / r}:baseline=truncated:${kept}` : undefined),
  },
  { name: "telescope over truncated:r/4 and r/2", place: 3, spelling: telescope },
];

/** Plans that are gone through one by one. */
const mostPlans = 64;

/** What an estimate came to: its variance over V², summed over the numbers of θ, and the products that it took. */
export interface Varied {
  readonly variance: number;
  readonly products: number;
}

interface Where {
  readonly batch: Batch;
  readonly problem: ManyStarts;
  readonly x: HostArray;
  readonly innerSteps: number;
  readonly executor: Executor;
  /** Draws of an estimator whose outcomes are too many to go through: 200 where nothing is said. */
  readonly draws?: number;
}

/** The choices of an estimator with their probabilities: all of them where they are few, else as many draws as likely as each other. */
function* choicesOf(
  estimator: Estimator,
  x: HostArray,
  steps: number,
  draws: number,
): Generator<{ readonly share: number; readonly draw?: Choice; readonly seed: number }> {
  const few = (estimator.facts.plans?.(steps) ?? 1) <= mostPlans,
    outcomes = few ? estimator.outcomes?.(estimator.init({ x }, steps)) : undefined;
  if (outcomes !== undefined) for (const draw of outcomes) yield { share: draw.probability, draw, seed: 1 };
  else for (let seed = 1; seed <= draws; seed++) yield { share: 1 / draws, seed };
}

/** E‖Ĝ − G‖²/E‖G‖² of an estimator at a batch of θ, over both tasks, with G the exact gradient: its coins are the same for all numbers of θ. */
export async function varianceOf(spelling: string, { batch, problem, x, innerSteps, executor, draws = 200 }: Where): Promise<Varied> {
  const estimator = parseEstimator(spelling),
    sums = { squares: 0, exact: 0, products: 0 };
  const at = { theta: { x }, innerSteps, dtype: "float64", executor } as const;
  for (const task of bothTasks(batch.extents)) {
    const exact = (await hypergradient(problem, { ...at, task, estimator: "exact" })).gradient.x.data;
    for (let i = 0; i < exact.length; i++) sums.exact += exact[i] ** 2;
    for (const { share, draw, seed } of choicesOf(estimator, x, innerSteps, draws)) {
      const drawn: Estimator = draw === undefined ? estimator : { ...estimator, draw: () => draw },
        { gradient, counts } = await hypergradient(problem, { ...at, task, estimator: drawn, seed });
      for (let i = 0; i < exact.length; i++) sums.squares += share * (gradient.x.data[i] - exact[i]) ** 2;
      sums.products += (share * counts.product) / 2;
    }
  }
  return { variance: sums.squares / sums.exact, products: sums.products };
}
