import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { describeTree } from "../../tensor/tree.js";
import { recompute } from "../memory/index.js";
import type { ProblemPrograms } from "../problem/programs.js";
import { bernoulli } from "../random/index.js";
import { bothGradients, costsOfBoth, residualsOfBoth, statesOfBoth } from "./both-gradients.js";
import type { Choice, Data, Estimator } from "./estimator.js";
import { certain } from "./estimator.js";
import { exact } from "./exact.js";
import { firstOrder } from "./first-order.js";
import { partOf, prefixed } from "./part-arrays.js";
import type { Probability } from "./probability.js";
import { fixed } from "./probability.js";
import { combine, leafPairs, moments } from "./ufom-formulas.js";

/** What UFOM combines: any two estimators. Two of one sweep share a pass over the inner loop. */
export interface UfomOptions {
  /** Evaluated always; absent: first-order, with the mixed part where plain first-order is zero. */
  readonly baseline?: Estimator;
  /** Evaluated with probability q; absent: the exact gradient with recomputed states, whose memory does not grow with r. */
  readonly target?: Estimator;
}

const ufomKeys: KeysOf<UfomOptions> = { baseline: true, target: true };

/** Whether the target is evaluated, whether that was certain, and the plans of both. */
type UfomPlan = { readonly exact: boolean; readonly certain: boolean; readonly baseline: Data; readonly target: Data };
/** Beside a target whose states are recomputed, the baseline keeps no more of them. */
const mixedWithOneState = firstOrder({ mixed: true, memory: recompute });

/** The states of the probability and of both estimators. */
type UfomState = { readonly chance: Data; readonly baseline: Data; readonly target: Data };
type UfomChoice = Choice<UfomPlan>;

/**
 * Makes choices of a coin and of both parts. Equal choices of parts that draw nothing are one object, so that draws of many tasks and steps are
 * seen to agree without being compared.
 */
function chooser(): (q: number, isExact: boolean, b: Choice, t: Choice) => UfomChoice {
  const last: { q: number; exact?: UfomChoice; baseline?: UfomChoice } = { q: NaN };
  const make = (q: number, isExact: boolean, b: Choice, t: Choice): UfomChoice => ({
    probability: q,
    exact: isExact,
    plan: { exact: isExact, certain: q === 1, baseline: b.plan, target: isExact ? t.plan : null },
    arrays: {
      ...prefixed("baseline", b.arrays),
      ...(isExact ? prefixed("target", t.arrays) : {}),
      ...(isExact && q !== 1 ? { q: [{ shape: [], dtype: "float64", data: Float64Array.of(q) }] } : {}),
    },
  });
  return (q, isExact, b, t) => {
    if (b !== certain || t !== certain) return make(q, isExact, b, t);
    if (last.q !== q) Object.assign(last, { q, exact: undefined, baseline: undefined });
    return (last[isExact ? "exact" : "baseline"] ??= make(q, isExact, b, t));
  };
}

/**
 * The unbiased first-order method: G = G_baseline + (ξ/q)(G_target − G_baseline) with ξ ~ Bernoulli(q), so E G = E G_target for every q,
 * E‖G‖² = E‖G_target‖² + (1/q − 1) E‖G_target − G_baseline‖², and the expected cost is C_det + q C_rnd.
 *
 * @param probability q in (0, 1], or how it is chosen: `fixed(0.1)`, `adaptive()`, `optimal()`
 * @param options.baseline any estimator that tells its work; absent: first-order, with the mixed part where plain first-order is zero
 * @param options.target the same; absent: `exact(recompute)`
 * @throws if q is outside (0, 1], or a part does not tell its work
 *
 * @example
 * ufom(adaptive(), { baseline: truncated(5), target: exact(checkpoint(8)) }).name; // "ufom:adaptive:checkpoint=8:baseline=truncated:5"
 *
 * Source: Likhosherstov et al., ICML 2021, section 4.
 */
export function ufom(probability: number | Probability, given?: UfomOptions): Estimator<UfomState, UfomChoice> {
  const options = checkOptions("ufom", given, ufomKeys),
    chance: Probability = typeof probability === "number" ? fixed(probability) : probability,
    target: Estimator = options.target ?? exact(recompute),
    parts = options.baseline ? [options.baseline, target] : [target];
  if (typeof chance?.next !== "function")
    fail("ufom", "takes a probability q in (0, 1], fixed(q), adaptive() or optimal()", describeTree(probability));
  for (const { name, work } of parts) if (!work) fail("ufom", "takes estimators that tell their work, as costs decide q", name);
  const baselineFor = (programs: ProblemPrograms): Estimator =>
      options.baseline ?? (programs.firstOrderVanishes ? mixedWithOneState : firstOrder()),
    // What is taken where none was given draws nothing and learns nothing, mixed or not.
    baselines: readonly Estimator[] = options.baseline ? [options.baseline] : [firstOrder(), mixedWithOneState],
    [baseline] = baselines;
  const next = (state: UfomState): number => {
    const q = chance.next(state.chance);
    return q > 0 && q <= 1 ? q : fail("ufom", "draws with a probability in (0, 1]", `${q}`);
  };
  const choose = chooser();
  const estimator: Estimator<UfomState, UfomChoice> = {
    name: spell(chance, target, options.baseline),
    facts: {
      bias: target.facts.bias === "none" ? "none" : "its parts'",
      random: true,
      states: (r, problem) => Math.max(...baselines.map(b => statesOfBoth(b, target, r, problem))),
      residuals: problem => residualsOfBoth(baselineFor(problem.programs), target, problem),
      oneTask: parts.some(({ facts }) => facts.oneTask),
      carries: parts.every(({ facts }) => facts.carries),
      plans: r => parts.reduce((plans, { facts }) => plans * (facts.plans?.(r) ?? 1), 1),
    },
    check(problem) {
      for (const part of parts) part.check?.(problem);
    },
    init: (theta, steps) => ({ chance: chance.init(), baseline: baseline.init(theta, steps), target: target.init(theta, steps) }),
    draw(state, random) {
      const q = next(state),
        isExact = bernoulli(random, q);
      return choose(q, isExact, baseline.draw(state.baseline, random), target.draw(state.target, random));
    },
    async evaluate(at, plan, arrays) {
      const ours = baselineFor(at.machine.programs);
      if (!plan.exact) {
        const found = await ours.evaluate(at, plan.baseline, partOf("baseline", arrays));
        return { ...found, carry: prefixed("baseline", found.carry ?? {}) };
      }
      const { b, t, carry, ...found } = await bothGradients(at, ours, target, plan, arrays),
        { leaves, from, to } = leafPairs(at, b, t),
        seen = await at.machine.run(moments, from, to);
      if (plan.certain) return { ...found, gradient: t, carry: { ...carry, moments: seen } };
      const mixed = await at.machine.run(combine, from, to, arrays.q),
        gradient: (typeof t)[number][] = [];
      leaves.forEach((leaf, k) => (gradient[leaf] = mixed[k]));
      return { ...found, gradient, carry: { ...carry, moments: seen } };
    },
    moments(choice, carry) {
      if (!choice.exact) return undefined;
      const [difference, square, inner, base] = carry.moments[0].data;
      return { difference, target: square, inner, baseline: base };
    },
    work: (problem, { plan, arrays }) => costsOfBoth(problem, baselineFor(problem.programs), target, plan, arrays),
  };
  const { outcomes: ofBaseline } = baseline,
    { outcomes: ofTarget } = target;
  if (ofBaseline && ofTarget)
    estimator.outcomes = state => {
      const q = next(state);
      return ofBaseline(state.baseline).flatMap(b => [
        ...(q < 1 ? [{ ...choose(q, false, b, b), probability: (1 - q) * b.probability }] : []),
        ...ofTarget(state.target).map(t => ({ ...choose(q, true, b, t), probability: q * b.probability * t.probability })),
      ]);
    };
  if (chance.observe || parts.some(({ observe }) => observe))
    estimator.observe = (state, { choice, carry, work, seconds, steps, moments: sample }) => {
      const learn = (name: "baseline" | "target", { observe }: Estimator) => {
        const own = { probability: 1, exact: true, plan: choice.plan[name], arrays: partOf(name, choice.arrays) };
        return observe ? observe(state[name], { choice: own, carry: partOf(name, carry), work, seconds, steps }) : state[name];
      };
      return {
        chance: chance.observe
          ? chance.observe(state.chance, { probability: choice.probability, steps, moments: sample, work, seconds })
          : state.chance,
        baseline: learn("baseline", baseline),
        target: choice.exact ? learn("target", target) : state.target,
      };
    };
  return estimator;
}

/** `ufom:0.1`, `ufom:adaptive:checkpoint=8:baseline=truncated:5`: only what differs from what is taken where nothing is said. */
function spell(chance: Probability, target: Estimator, baseline: Estimator | undefined): string {
  const memory = /^exact(?::(.*))?$/.exec(target.name),
    said = memory ? (memory[1] ?? "store") : `target=${target.name}`;
  return ["ufom", chance.name, ...(said === "recompute" ? [] : [said]), ...(baseline ? [`baseline=${baseline.name}`] : [])].join(":");
}
