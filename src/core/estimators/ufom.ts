import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { describeTree } from "../../tensor/tree.js";
import { checkpoint, recompute } from "../memory/index.js";
import type { ProblemPrograms } from "../problem/programs.js";
import { bernoulli } from "../random/index.js";
import { leavesWithPaths } from "../trees/host-tree.js";
import { bothGradients, costOfTarget, costsOfBoth, residualsOfBoth, statesOfBoth } from "./both-gradients.js";
import type { Data, Estimator } from "./estimator.js";
import { exact } from "./exact.js";
import { firstOrder } from "./first-order.js";
import { partOf, prefixed } from "./part-arrays.js";
import type { Probability } from "./probability.js";
import { fixed } from "./probability.js";
import type { Coins, UfomChoice } from "./ufom-choices.js";
import { chooser } from "./ufom-choices.js";
import { mixture, timesScale } from "./ufom-mixture.js";
import type { BaselineScale, ScaleState } from "./ufom-scale.js";
import { checkScale, sampleOf, scaleOf, seenByScale, startOfScale } from "./ufom-scale.js";

/** What UFOM combines: any two estimators. Two of one sweep share a pass over the inner loop. */
export interface UfomOptions {
  /** Evaluated always; absent: first-order, with the mixed part where plain first-order is zero. */
  readonly baseline?: Estimator;
  /** Evaluated with probability q; absent: the exact gradient with at most ten states, `exact(checkpoint(10))`, whose memory does not grow with r. */
  readonly target?: Estimator;
  /** Multiplies the baseline by the c that past draws find best, one number or one a leaf of θ; absent: by 1. */
  readonly scale?: BaselineScale;
}

const ufomKeys: KeysOf<UfomOptions> = { baseline: true, target: true, scale: true };

/** Where no memory is spoken of, the baseline with the mixed part keeps one state in the draws without the target. */
const mixedWithOneState = firstOrder({ mixed: true, memory: recompute });
/**
 * So many states the target keeps where nothing is said, whatever r is. Few enough to be called constant, and enough for what inner loops are: up to
 * 11 steps none is run twice, up to 66 none more than twice, up to 1,001 none more than four times, and an exact draw there takes at most twice the
 * time of one that stores all states, a product being as dear as two steps.
 */
const STATES = 10;
/** What is taken as the target where none is given. */
const usualTarget = exact(checkpoint(STATES));

/** The states of the probability and of both estimators, and of the scale where there is one. */
type UfomState = { readonly chance: Data; readonly baseline: Data; readonly target: Data; readonly scale?: ScaleState };

/**
 * The unbiased first-order method: G = G_baseline + (ξ/q)(G_target − G_baseline) with ξ ~ Bernoulli(q), so E G = E G_target for every q,
 * E‖G‖² = E‖G_target‖² + (1/q − 1) E‖G_target − G_baseline‖², and the expected cost is C_det + q C_rnd. Where q is 1 the target alone is evaluated.
 *
 * With `scale`, c G_baseline stands for G_baseline, c = E⟨G_target, G_baseline⟩/E‖G_baseline‖² by moving averages over past draws that had both; c = 0
 * before the first. It does not depend on the draw, so the mean stays, and D² comes to V²(1 − ρ²).
 *
 * @param probability q in (0, 1], or how it is chosen: `fixed(0.1)`, `adaptive()`, `optimal()`
 * @param options.baseline any estimator that tells its work; absent: first-order, with the mixed part where plain first-order is zero
 * @param options.target the same; absent: `exact(checkpoint(10))`
 * @param options.scale `"global"` or `"leaf"`; absent: c = 1
 * @throws if q is outside (0, 1], or a part does not tell its work
 *
 * @example
 * ufom(adaptive(), { baseline: truncated(5), target: exact(checkpoint(8)) }).name; // "ufom:adaptive:checkpoint=8:baseline=truncated:5"
 * ufom(0.2, { scale: "leaf" }).facts.states(1000); // 10
 *
 * Source: Likhosherstov et al., ICML 2021, section 4.
 */
export function ufom(probability: number | Probability, given?: UfomOptions): Estimator<UfomState, UfomChoice> {
  const options = checkOptions("ufom", given, ufomKeys),
    chance: Probability = typeof probability === "number" ? fixed(probability) : probability,
    target: Estimator = options.target ?? usualTarget,
    kind = checkScale(options.scale),
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
  // At q = 1 the baseline has a part in what is learned only.
  const looks = (state: UfomState): number => chance.looks?.(state.chance) ?? Number(chance.observe !== undefined);
  const choose = chooser(),
    coins = (state: UfomState, q: number, isExact: boolean, compared = isExact): Coins => ({
      q,
      exact: isExact,
      compared,
      ...(state.scale ? { scale: state.scale.scale } : {}),
    });
  const estimator: Estimator<UfomState, UfomChoice> = {
    name: spell(chance, target, options.baseline, kind),
    facts: {
      bias: target.facts.bias === "none" ? "none" : "its parts'",
      random: true,
      states: (r, problem) => Math.max(target.facts.states(r, problem), ...baselines.map(b => statesOfBoth(b, target, r, problem))),
      residuals: problem => residualsOfBoth(baselineFor(problem.programs), target, problem),
      oneTask: parts.some(({ facts }) => facts.oneTask),
      carries: parts.every(({ facts }) => facts.carries),
      onlyAsPart: target.facts.onlyAsPart,
      target: target.name,
      plans: r => parts.reduce((plans, { facts }) => plans * (facts.plans?.(r) ?? 1), 1),
    },
    check(problem) {
      for (const part of parts) part.check?.(problem);
    },
    init: (theta, steps) => ({
      chance: chance.init(),
      baseline: baseline.init(theta, steps),
      target: target.init(theta, steps),
      ...(kind ? { scale: startOfScale(kind, leavesWithPaths(theta).length) } : {}),
    }),
    draw(state, random) {
      const q = next(state),
        isExact = bernoulli(random, q),
        compared = q < 1 ? isExact : bernoulli(random, looks(state));
      return choose(coins(state, q, isExact, compared), baseline.draw(state.baseline, random), target.draw(state.target, random));
    },
    async evaluate(at, plan, arrays) {
      const ours = baselineFor(at.machine.programs);
      if (!plan.exact) {
        const found = await ours.evaluate(at, plan.baseline, partOf("baseline", arrays)),
          carry = prefixed("baseline", found.carry ?? {});
        return { ...found, gradient: kind ? await timesScale(at, found.gradient, arrays.scale) : found.gradient, carry };
      }
      if (!plan.compared) {
        const found = await target.evaluate(at, plan.target, partOf("target", arrays));
        return { ...found, carry: prefixed("target", found.carry ?? {}) };
      }
      const { b, t, carry, ...found } = await bothGradients(at, ours, target, plan, arrays),
        mix = await mixture(at, b, t, plan.certain ? undefined : arrays.q, kind && { kind, numbers: arrays.scale });
      return { ...found, gradient: mix.gradient, carry: { ...carry, moments: mix.seen } };
    },
    moments(choice, carry) {
      if (!choice.plan.compared) return undefined;
      const [difference, square, inner, base] = carry.moments[0].data,
        scale = scaleOf(choice, kind);
      return { difference, target: square, inner, baseline: base, ...(scale === undefined ? {} : { scale }) };
    },
    work(problem, { plan, arrays }) {
      return plan.exact && !plan.compared
        ? { deterministic: costOfTarget(problem, target, plan, arrays), random: 0 }
        : costsOfBoth(problem, baselineFor(problem.programs), target, plan, arrays);
    },
  };
  const { outcomes: ofBaseline } = baseline,
    { outcomes: ofTarget } = target;
  if (ofBaseline && ofTarget)
    estimator.outcomes = state => {
      const q = next(state),
        seen = q < 1 ? 1 : looks(state),
        ways = [true, false].map(compared => [compared, compared ? seen : 1 - seen] as const).filter(([, share]) => share > 0);
      return ofBaseline(state.baseline).flatMap(b => [
        ...(q < 1 ? [{ ...choose(coins(state, q, false), b, b), probability: (1 - q) * b.probability }] : []),
        ...ofTarget(state.target).flatMap(t =>
          ways.map(([compared, share]) => ({
            ...choose(coins(state, q, true, compared), b, t),
            probability: q * share * b.probability * t.probability,
          })),
        ),
      ]);
    };
  if (kind || chance.observe || parts.some(({ observe }) => observe))
    estimator.observe = (state, { choice, carry, work, seconds, steps, moments: sample }) => {
      const learn = (name: "baseline" | "target", { observe }: Estimator) => {
        const own = { probability: 1, exact: choice.plan.drawn[name], plan: choice.plan[name], arrays: partOf(name, choice.arrays) };
        return observe ? observe(state[name], { choice: own, carry: partOf(name, carry), work, seconds, steps }) : state[name];
      };
      return {
        chance: chance.observe
          ? chance.observe(state.chance, { probability: choice.probability, steps, moments: sample, work, seconds })
          : state.chance,
        baseline: !choice.exact || choice.plan.compared ? learn("baseline", baseline) : state.baseline,
        target: choice.exact ? learn("target", target) : state.target,
        ...(state.scale ? { scale: choice.plan.compared ? seenByScale(state.scale, ...sampleOf(carry.moments, kind)) : state.scale } : {}),
      };
    };
  return estimator;
}

/** `ufom:0.1`, `ufom:adaptive:checkpoint=8:baseline=truncated:5`: only what differs from what is taken where nothing is said. */
function spell(chance: Probability, target: Estimator, baseline: Estimator | undefined, scale: BaselineScale | undefined): string {
  const memory = /^exact(?::(.*))?$/.exec(target.name),
    said = memory ? (memory[1] ?? "store") : `target=${inBrackets(target.name)}`;
  return [
    "ufom",
    chance.name,
    ...(scale ? [`scale=${scale}`] : []),
    ...(target.name === usualTarget.name ? [] : [said]),
    ...(baseline ? [`baseline=${baseline.name}`] : []),
  ].join(":");
}

/** A target that has a baseline of its own, in brackets, so that it is not taken for the one around it. */
const inBrackets = (name: string): string => (name.includes(":baseline=") ? `(${name})` : name);
