import { fixed } from "../estimators/probability.js";
import { ufom } from "../estimators/ufom.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { exp, log } from "../elementary.js";
import type { Costs } from "../theory/cost.js";
import { optimalProbability } from "../theory/optimal-probability.js";
import type { Quantity, Resampled } from "./bootstrap.js";
import { quantity } from "./bootstrap.js";
import type { Candidate } from "./candidates.js";
import { costsOver, workOfOne } from "./costs.js";
import type { Strategy } from "./memory.js";
import type { CandidateMoments } from "./quantities.js";
import { batchMoment, biasOf, momentsOf } from "./quantities.js";

/** The exponents p for which predictions are made: iterations to a given accuracy grow as the second moment to the power p. */
const exponents = ["0.5", "1", "2"] as const;
export type Exponent = (typeof exponents)[number];
export type ByExponent<T> = Readonly<Record<Exponent, T>>;

/** What an unbiased estimator is predicted to take. */
export interface Prediction {
  /** Its spelling; of UFOM with q* for p = 1, in two digits. */
  readonly estimator: string;
  /** The baseline of UFOM. */
  readonly baseline?: string;
  /** How states are kept: `residuals`, `store`, `checkpoint`, `recompute`; the most held at once, and their bytes with what is kept of steps besides. */
  readonly memory: string;
  readonly states: number;
  readonly bytes: number;
  readonly fits: boolean;
  /** In operations of one inner step: what every draw costs, and what the exact part costs besides. */
  readonly costs: Costs;
  /** Of a coin a step: how many products are expected of r, Σ p_j. */
  readonly products?: Quantity;
  /** q*, by p; absent of the exact gradient. */
  readonly q?: ByExponent<Quantity>;
  /** Time to equal accuracy, as a part of what the cheapest exact gradient that fits takes, by p. */
  readonly time: ByExponent<Quantity>;
  /** The same where costs are seconds, with the same q, for what was measured by the clock. */
  readonly clock?: ByExponent<Quantity>;
}

/** Whether it is the exact gradient by a memory strategy. */
export const isExact = ({ baseline, products }: Pick<Prediction, "baseline" | "products">): boolean =>
  baseline === undefined && products === undefined;

/** What a biased estimator costs, and where it stops. */
export interface BiasedPrediction {
  readonly estimator: string;
  /** Of one estimate, as a part of that of the cheapest exact gradient that fits. */
  readonly cost: number;
  /** ‖E G − ∇M‖ at the last point. Where descent by this gradient ends, E G = 0, so that ∇M is as long as its bias there. */
  readonly floor: Quantity;
}

/** p as a number. */
const numberOf = (p: Exponent): number => Number(p);
export const byExponent = <T>(of: (p: number) => T): ByExponent<T> =>
  Object.fromEntries(exponents.map(p => [p, of(numberOf(p))])) as unknown as ByExponent<T>;

/** q* of a baseline; 0 where it is the target, as less is then always better. */
export function bestProbability(costs: Costs, v2: number, d2: number, p: number): number {
  return costs.det === 0 ? 1 : (optimalProbability({ ...costs, v2, d2, p }) ?? 0);
}

/** x^p for x ≥ 0. */
export const power = (x: number, p: number): number => (x === 0 ? 0 : exp(p * log(x)));

/** The time of UFOM with its best q, as a part of that of an exact gradient of some cost. */
function timeOfUfom(costs: Costs, cost: number, v2: number, d2: number, p: number): number {
  const q = bestProbability(costs, v2, d2, p);
  if (q === 0) return costs.det / cost;
  return ((costs.det + q * costs.rnd) / cost) * power(1 + ((1 / q - 1) * d2) / v2, p);
}

/** What predictions are made of. */
export interface Grounds {
  readonly compiled: CompiledProblem;
  readonly strategies: readonly Strategy[];
  readonly candidates: readonly Candidate[];
  /** Over all points, and at the last one. */
  readonly sample: Resampled;
  readonly last: Resampled;
  readonly metaBatch: number;
}

/** The cheapest exact gradient that fits. */
export const cheapest = (compiled: CompiledProblem, strategies: readonly Strategy[]): Strategy =>
  strategies.filter(({ fits }) => fits).reduce((a, b) => (workOfOne(compiled, b.exact)! < workOfOne(compiled, a.exact)! ? b : a));

/** q* of UFOM over a candidate, at some costs. */
export const probabilityOver = ({ candidates, sample, metaBatch }: Grounds, candidate: number, costs: Costs, p: number): Quantity =>
  quantity(sample, means => {
    const moments = momentsOf(means, candidates.length, candidate);
    return bestProbability(costs, batchMoment(moments, metaBatch), moments.d2, p);
  });

/** Two significant digits, in (0, 1]. */
const shownProbability = (q: number): number => Math.min(1, Math.max(1e-6, Number(q.toPrecision(2))));

/** Exact gradients, and UFOM over each baseline with the strategy that makes it fastest. */
export function predictions(grounds: Grounds): Prediction[] {
  const { compiled, strategies, candidates, sample, metaBatch } = grounds;
  const cost = workOfOne(compiled, cheapest(compiled, strategies).exact)!,
    always = (value: number): Quantity => ({ value, low: value, high: value });
  const exacts = strategies.map(({ kind, exact, states, bytes, fits }): Prediction => {
    const work = workOfOne(compiled, exact)!;
    return {
      estimator: exact.name,
      memory: kind,
      states,
      bytes,
      fits,
      costs: { det: work, rnd: 0 },
      time: byExponent(() => always(work / cost)),
    };
  });
  const n = candidates.length,
    ufoms = candidates.flatMap(({ estimator, name }, i): Prediction[] => {
      if (!estimator?.work) return [];
      const at = (of: (moments: CandidateMoments, v2: number) => number) =>
          quantity(sample, means => {
            const moments = momentsOf(means, n, i);
            return of(moments, batchMoment(moments, metaBatch));
          }),
        made = strategies
          .filter(({ fits }) => fits)
          .map(strategy => {
            const costs = costsOver(compiled, estimator, strategy.exact);
            const moments = momentsOf(sample.value, n, i);
            return { strategy, costs, time: timeOfUfom(costs, cost, batchMoment(moments, metaBatch), moments.d2, 1) };
          }),
        { strategy, costs } = made.reduce((a, b) => (b.time < a.time ? b : a)),
        q = byExponent(p => probabilityOver(grounds, i, costs, p));
      return [
        {
          estimator: ufom(fixed(shownProbability(q["1"].value)), { baseline: estimator, target: strategy.exact }).name,
          baseline: name,
          memory: strategy.kind,
          states: Math.max(strategy.states, estimator.facts.states(compiled.steps, compiled)),
          bytes: strategy.bytes,
          fits: true,
          costs,
          q,
          time: byExponent(p => at(({ d2 }, v2) => timeOfUfom(costs, cost, v2, d2, p))),
        },
      ];
    });
  return [...exacts, ...ufoms];
}

/** Candidates taken as they are. */
export function biasedPredictions({ compiled, strategies, candidates, last }: Grounds): BiasedPrediction[] {
  const cost = workOfOne(compiled, cheapest(compiled, strategies).exact)!;
  return candidates.flatMap(({ estimator, name }, i) => {
    const work = estimator && workOfOne(compiled, estimator);
    if (work === undefined) return [];
    return [{ estimator: name, cost: work / cost, floor: quantity(last, means => biasOf(momentsOf(means, candidates.length, i))) }];
  });
}
