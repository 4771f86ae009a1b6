import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { optimalProbability } from "../theory/optimal-probability.js";
import type { MomentSample } from "../theory/moments.js";
import type { Costs, Data } from "./estimator.js";

/** What a probability learns from: the moments of a draw that had both gradients, and costs. */
export interface ProbabilitySample {
  /** With which the target was drawn. */
  readonly probability: number;
  /** The number of inner steps, r. */
  readonly steps: number;
  readonly moments?: MomentSample;
  /** In units of an inner step. */
  readonly work: Costs;
  /** By the clock. */
  readonly seconds: Costs;
}

/** How often the target gradient is evaluated. The next probability depends on the past alone, so that every draw stays unbiased. */
export interface Probability<S extends Data = Data> {
  /** As on the command line: `0.1`, `adaptive`, `optimal`. */
  readonly name: string;
  init(): S;
  /** q of the next draw, in (0, 1]. */
  next(state: S): number;
  /**
   * Where q is 1: with which probability a draw has the baseline computed too, which only learning needs. Absent: always for one that learns,
   * otherwise never.
   */
  looks?(state: S): number;
  /** Absent for one that learns nothing. */
  observe?(state: S, sample: ProbabilitySample): S;
}

const within = (who: string, name: string, x: number, ok: boolean) => {
  if (!ok) fail(who, `takes ${name}`, `${x}`);
};
const checkProbability = (who: string, q: number) => within(who, "a probability in (0, 1]", q, q > 0 && q <= 1);

/**
 * The same probability at every step.
 *
 * @example
 * ufom(fixed(0.1)).name; // "ufom:0.1"
 *
 * @throws if q is outside (0, 1]
 */
export function fixed(q: number): Probability<null> {
  checkProbability("ufom", q);
  return { name: `${q}`, init: () => null, next: () => q };
}

/** Costs of a draw: by the programs' operation counts, the same on every machine; or by the clock, which makes a run irreproducible. */
export type CostMeasure = "work" | "seconds";

/** What a probability that learns has seen. */
export interface MomentState {
  readonly [key: string]: number;
  /** Draws with both gradients. */
  readonly samples: number;
  /** Weighted sums of ‖G_target − G_baseline‖² and ‖G_target‖², and of the costs of those draws: their ratios decide. */
  readonly difference: number;
  readonly target: number;
  readonly deterministic: number;
  readonly random: number;
  /** What those draws would have taken with the target alone. */
  readonly alone: number;
}

const nothing: MomentState = { samples: 0, difference: 0, target: 0, deterministic: 0, random: 0, alone: 0 };

/** Sums with weights decay^age over the draws with both gradients. Nothing divides them by the weights' sum: the best probability depends on ratios. */
function remember(state: MomentState, sample: ProbabilitySample, decay: number, measure: CostMeasure): MomentState {
  const { moments, [measure]: cost } = sample;
  // A square that overflows says nothing about q; the run itself will say that it diverged.
  if (!moments || !Number.isFinite(moments.difference) || !Number.isFinite(moments.target)) return state;
  const mix = (old: number, x: number) => decay * old + x,
    // Checkpoints of earlier releases do not know it.
    alone = (state.alone as number | undefined) ?? state.deterministic + state.random;
  return {
    samples: state.samples + 1,
    difference: mix(state.difference, moments.difference),
    target: mix(state.target, moments.target),
    deterministic: mix(state.deterministic, Math.max(0, cost.deterministic)),
    random: mix(state.random, Math.max(0, cost.random)),
    alone: mix(alone, Math.max(0, cost.alone ?? cost.deterministic + cost.random)),
  };
}

const best = ({ difference, target, deterministic, random, alone }: MomentState, p: number, qMin: number) =>
  optimalProbability({ d2: difference, v2: target, det: deterministic, rnd: random, one: alone, p, qMin });

/** Options of the probabilities that learn. */
export interface MomentOptions {
  /** Iterations to an accuracy grow as (second moment)^p: 1 for a constant or tuned outer step (as if not given), 2 for an untuned γ_k ∝ k^{−1/2}, ½ for the scalar example. */
  readonly p?: number;
  /** The smallest probability, 0.05 if not given. */
  readonly qMin?: number;
  /** What a draw costs: `work` if not given. */
  readonly costs?: CostMeasure;
}

export interface AdaptiveOptions extends MomentOptions {
  /** Of the moving averages, in (0, 1); 0.99 if not given. */
  readonly decay?: number;
}

export interface OptimalOptions extends MomentOptions {
  /** The number of exact draws at the start, 10 if not given. */
  readonly pilot?: number;
}

const momentKeys: KeysOf<MomentOptions> = { p: true, qMin: true, costs: true },
  adaptiveKeys: KeysOf<AdaptiveOptions> = { ...momentKeys, decay: true },
  optimalKeys: KeysOf<OptimalOptions> = { ...momentKeys, pilot: true };

const usual: Required<MomentOptions> = { p: 1, qMin: 0.05, costs: "work" };
const usualAdaptive: Required<AdaptiveOptions> = { ...usual, decay: 0.99 },
  usualOptimal: Required<OptimalOptions> = { ...usual, pilot: 10 };

/** All options: the given ones, and the defaults of the others. */
const complete = <O extends object>(usual: O, given: Partial<O>): O => ({
  ...usual,
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
});

function checkMoments(who: string, { p, qMin, costs }: Required<MomentOptions>): void {
  within(who, "p > 0", p, p > 0 && Number.isFinite(p));
  checkProbability(who, qMin);
  if (costs !== "work" && costs !== "seconds") fail(who, "takes costs in work or seconds", JSON.stringify(costs));
}

/** The name with the options that differ from the defaults: `adaptive:p=2`. */
function spell<O extends object>(name: string, options: O, usual: O): string {
  const changed = (Object.keys(usual) as (keyof O & string)[]).filter(key => options[key] !== usual[key]);
  return [name, ...changed.map(key => `${key === "qMin" ? "q-min" : key}=${String(options[key])}`)].join(":");
}

/**
 * The probability that minimises expected cost × second moment^p, from moving averages of D² = ‖G_target − G_baseline‖² and
 * V² = ‖G_target‖² over the draws that had both (unbiased samples, since the draw is independent). Before the first, qMin. While q is 1, the baseline
 * is computed with probability qMin only, to see whether it became better.
 *
 * @example
 * ufom(adaptive({ decay: 0.9 })).name; // "ufom:adaptive:decay=0.9"
 *
 * @throws if an option is outside its range
 *
 * Source: Likhosherstov et al., ICML 2021, section 5; the averages here are taken before the mixing.
 */
export function adaptive(options?: AdaptiveOptions): Probability<MomentState> {
  const all = complete(usualAdaptive, checkOptions("adaptive", options, adaptiveKeys)),
    { decay, p, qMin, costs } = all;
  within("adaptive", "a decay in (0, 1)", decay, decay > 0 && decay < 1);
  checkMoments("adaptive", all);
  return {
    name: spell("adaptive", all, usualAdaptive),
    init: () => nothing,
    next: state => (state.samples ? best(state, p, qMin) : qMin),
    // As often as the target is looked at where q is smallest.
    looks: () => qMin,
    observe: (state, estimate) => remember(state, estimate, decay, costs),
  };
}

/**
 * A fixed probability, measured first: the first `pilot` draws have both gradients (and are exact), then q minimises
 * expected cost × second moment^p for their averages, and stays.
 *
 * @example
 * ufom(optimal({ pilot: 20 })).name; // "ufom:optimal:pilot=20"
 *
 * @throws if an option is outside its range
 */
export function optimal(options?: OptimalOptions): Probability<MomentState> {
  const all = complete(usualOptimal, checkOptions("optimal", options, optimalKeys)),
    { pilot, p, qMin, costs } = all;
  within("optimal", "a whole number of pilot draws of at least 1", pilot, Number.isInteger(pilot) && pilot >= 1);
  checkMoments("optimal", all);
  return {
    name: spell("optimal", all, usualOptimal),
    init: () => nothing,
    next: state => (state.samples < pilot ? 1 : best(state, p, qMin)),
    looks: state => Number(state.samples < pilot),
    observe: (state, estimate) => (state.samples < pilot ? remember(state, estimate, 1, costs) : state),
  };
}
