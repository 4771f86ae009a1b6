import { fail } from "../../tensor/error.js";
import { describeTree } from "../../tensor/tree.js";
import type { HostArray } from "../../tensor/types.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { init, initPullback, outer, pullback } from "../problem/definitions.js";
import type { ProblemPrograms } from "../problem/programs.js";
import type { Random } from "../random/index.js";
import { bernoulli } from "../random/index.js";
import type { TailSample } from "../theory/tail.js";
import type { Arrays, Choice, Costs, Data, Estimator } from "./estimator.js";
import type { EvenOptions, StepProbabilities, StepVisit } from "./step-probabilities.js";
import { evenSteps } from "./step-probabilities.js";
import { deviation, passedOver, weightedPullback } from "./stepwise-definitions.js";
import type { StepwisePlan } from "./stepwise-sweep.js";
import { passedOverIn, POWER, stepwiseSweep } from "./stepwise-sweep.js";

/** r, and what the probabilities know. */
export type StepwiseState = { readonly steps: number; readonly chance: Data };

/** A draw of all coins. */
export interface StepwiseChoice extends Choice<StepwisePlan> {
  /** p_j of the steps that are visited. */
  readonly chances: readonly number[];
}

/** So many coins have outcomes that are few enough to be listed. */
const MOST_COINS = 12;

/**
 * Stepwise UFOM: a coin for each inner step instead of one for the whole sweep. With independent b_j ~ Bernoulli(p_j), J_j = ∂Φ_j/∂x, and C_j what a
 * step with a gradient of zero does to x (for gradient descent the identity),
 *
 *     û_{j−1} = C_jᵀû_j + (b_j/p_j)(J_j − C_j)ᵀû_j,   g ← g + (b_j/p_j)(∂Φ_j/∂θ)ᵀû_j
 *
 * Each factor enters once and linearly, so the mean is the exact gradient. The coins are tossed before the first step: only the steps that fell have
 * their state kept and their product taken, Σ p_j of r on average. To first order E‖G‖² = V² + Σ (1/p_j − 1) a_j² (docs/one-coin-a-step.md); where
 * α_j λ_max exceeds 2 p_j a factor expands, and the tail is heavy: `tail` tells the largest norm that was met.
 *
 * @param probabilities K, how many products are expected; or how p_j are chosen: `evenSteps(15, { first: 5 })`, `adaptiveSteps()`, `optimalSteps()`
 * @param options.first with a number K: so many steps at the beginning are taken surely
 * @throws if K or F is out of range
 *
 * @example
 * stepwise(15, { first: 5 }).name; // "ufom:steps=15:first=5"
 *
 * Source: ours. Neighbours: Oktay et al., Randomized automatic differentiation, ICLR 2021; Tallec and Ollivier, Unbiasing truncated backpropagation
 * through time, 2017.
 */
export function stepwise(probabilities: number | StepProbabilities, options?: EvenOptions): Estimator<StepwiseState, StepwiseChoice> {
  const chance: StepProbabilities = typeof probabilities === "number" ? evenSteps(probabilities, options) : probabilities;
  if (typeof chance?.next !== "function")
    fail("stepwise", "takes a number of expected products, evenSteps(K), adaptiveSteps() or optimalSteps()", describeTree(probabilities));
  if (typeof probabilities !== "number" && options !== undefined)
    fail("stepwise", "takes first with a number of products only", describeTree(options));
  const name = `ufom:steps${chance.name}`;
  const probabilitiesOf = ({ steps, chance: state }: StepwiseState): readonly number[] => {
    const p = chance.next(state, steps),
      odd = p.findIndex(q => !(q > 0 && q <= 1));
    if (p.length !== steps) fail(name, `needs a probability for each of the ${steps} inner steps`, `${p.length}`);
    if (odd >= 0) fail(name, "draws each step with a probability in (0, 1]", `${p[odd]} for step ${odd + 1}`);
    return p;
  };
  const choose = (
    { steps, chance: state }: StepwiseState,
    p: readonly number[],
    visited: readonly number[],
    probability: number,
  ): StepwiseChoice => {
    const weighted = visited.filter(j => p[j - 1] < 1),
      measured = chance.measures?.(state, visited, steps) ?? [];
    return {
      probability,
      exact: true,
      plan: { visited, weighted, measured },
      arrays: weighted.length ? { weights: weighted.map(j => scalar(1 / p[j - 1])) } : {},
      chances: visited.map(j => p[j - 1]),
    };
  };
  const coinsOf = (p: readonly number[]) => p.filter(q => q < 1).length;
  const draw = (state: StepwiseState, random: Random): StepwiseChoice => {
    const p = probabilitiesOf(state),
      visited = [...p.keys()].filter(i => p[i] === 1 || bernoulli(random, p[i])).map(i => i + 1);
    return choose(state, p, visited, p.length ? p.reduce((sum, q) => sum + q, 0) / p.length : 1);
  };
  const estimator: Estimator<StepwiseState, StepwiseChoice> = {
    name,
    facts: {
      bias: "none",
      random: true,
      carries: true,
      states: (r, problem) => (problem ? (chance.most?.(r) ?? r) + Number(passedOverIn(problem.programs) === "state") : r + 1),
      plans: r => chance.plans(r),
    },
    check(problem) {
      check(name, problem);
      const { steps } = problem;
      probabilitiesOf({ steps, chance: chance.init(steps) });
    },
    init: (_, steps) => ({ steps, chance: chance.init(steps) }),
    draw,
    outcomes(state) {
      const p = probabilitiesOf(state),
        coins = coinsOf(p);
      if (coins > MOST_COINS) fail(name, `has outcomes that are few enough to be listed up to ${MOST_COINS} coins`, `${coins} coins`);
      let all: { readonly visited: readonly number[]; readonly probability: number }[] = [{ visited: [], probability: 1 }];
      for (const [i, q] of p.entries())
        all = all.flatMap(({ visited, probability }) => [
          { visited: [...visited, i + 1], probability: probability * q },
          ...(q < 1 ? [{ visited, probability: probability * (1 - q) }] : []),
        ]);
      return all.map(({ visited, probability }) => choose(state, p, visited, probability));
    },
    async evaluate(at, plan, arrays) {
      const weights = "weights" in arrays ? (arrays.weights as readonly never[]) : [];
      return stepwiseSweep(at, plan, weights);
    },
    work: (problem, { plan }) => workOf(problem, plan),
    tail: (choice, carry) => tailOf(visitsOf(choice, carry), carry, chance.guard),
  };
  const { observe } = chance;
  if (observe)
    estimator.observe = ({ steps, chance: state }, { choice, carry, work }) => {
      const visits = visitsOf(choice, carry),
        { measured, visited } = choice.plan,
        products = visited.length + POWER * measured.length,
        [[last], [first, start, gradient]] = carry.ends.map(({ data }) => data),
        cost = { always: work.deterministic, ...(products ? { product: work.random / products } : {}) };
      return { steps, chance: observe(state, { visits, measured, last, first, start, gradient, cost }, steps) };
    };
  return estimator;
}

const scalar = (x: number): HostArray => ({ shape: [], dtype: "float64", data: Float64Array.of(x) });

/** What the visits of a draw showed, in the order in which they came: the last step first. */
function visitsOf({ plan: { visited, measured }, chances }: StepwiseChoice, { visits, powers }: Arrays): StepVisit[] {
  let next = 0;
  return visits.map(({ data: [moved, gained, swept] }, k) => {
    const at = visited.length - 1 - k,
      [step, probability] = [visited[at], chances[at]],
      // What the sweep moved by was divided by p_j.
      [dropped, mixed] = [moved, gained].map(square => square * probability * probability),
      norms = measured.includes(step) ? [...powers[next++].data] : [],
      ratios = [swept > 0 ? dropped / swept : 0, ...norms.slice(1).map((norm, i) => (norms[i] > 0 ? norm / norms[i] : 0))];
    return { step, probability, dropped, mixed, swept, growth: Math.sqrt(Math.max(...ratios)) };
  });
}

function tailOf(visits: readonly StepVisit[], { ends }: Arrays, guard: number | undefined): TailSample {
  const [[last], [first]] = ends.map(({ data }) => data),
    largest = visits.reduce((most, { swept }) => Math.max(most, swept), Math.max(last, first)),
    growth = visits.reduce(
      (most, { probability: p, dropped, swept }) => (p < 1 && swept > 0 ? Math.max(most, Math.sqrt(dropped / swept) / p) : most),
      0,
    );
  return { norm: last > 0 ? Math.sqrt(largest / last) : 1, growth, ...(guard === undefined ? {} : { promised: 1 / guard }) };
}

/** @throws where the estimate would not have the exact gradient as its mean, or nothing could be left out */
function check(name: string, { programs }: { readonly programs: ProblemPrograms }): void {
  const { sweptClip, definedAt, hidesItsGradient } = programs;
  if (sweptClip !== undefined)
    fail(
      name,
      "needs a sweep that is linear in u, as each factor is replaced by one of the same mean (exact, truncated and ufom of these clip)",
      `a problem with inner.sweptClip: ${sweptClip}${definedAt}`,
    );
  if (hidesItsGradient)
    fail(
      name,
      "needs an inner.step that takes its gradient by grad, valueAndGrad, vjp or jvp, to tell what can be left out from what cannot",
      `a step that takes no derivative${definedAt}`,
    );
}

/** Operations of a draw in units of an inner step's; those of products are the random part. */
function workOf(problem: CompiledProblem, { visited, weighted, measured }: StepwisePlan): Costs {
  const { programs, steps } = problem,
    passes = passedOverIn(programs) === "identity" ? 0 : steps * problem.work(passedOver),
    starts = programs.of(initPullback).leaves.length ? problem.work(initPullback) : 0,
    sure = visited.length - weighted.length;
  return {
    deterministic: problem.work(init) + steps + problem.work(outer) + passes + starts,
    random:
      (sure && sure * problem.work(pullback))
      + (weighted.length && weighted.length * problem.work(weightedPullback))
      + (measured.length && POWER * measured.length * problem.work(deviation)),
  };
}
