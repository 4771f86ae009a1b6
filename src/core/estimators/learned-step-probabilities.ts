import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import type { StepwiseMoments } from "./step-moments.js";
import { bestFor, blockOf, noMoments, withSample } from "./step-moments.js";
import type { StepProbabilities } from "./step-probabilities.js";
import { POWER } from "./stepwise-sweep.js";

/** Options of probabilities that learn. */
export interface LearnedStepsOptions {
  /** κ of the guard p_j ≥ κ α_j λ_max, at least ½; 1 if not given. */
  readonly kappa?: number;
  /** The smallest probability, 0.05 if not given. */
  readonly pMin?: number;
  /** Into how many blocks of steps that share their averages the loop is cut, at most; 10 if not given. */
  readonly blocks?: number;
  /** Draws at the start that visit all steps: 4 of adaptive probabilities, 10 of optimal ones, if not given. */
  readonly pilot?: number;
}

export interface AdaptiveStepsOptions extends LearnedStepsOptions {
  /** Of the moving averages, in (0, 1); 0.99 if not given. */
  readonly decay?: number;
}

const learnedKeys: KeysOf<LearnedStepsOptions> = { kappa: true, pMin: true, blocks: true, pilot: true },
  adaptiveKeys: KeysOf<AdaptiveStepsOptions> = { ...learnedKeys, decay: true };

const usual = { kappa: 1, pMin: 0.05, blocks: 10 },
  usualAdaptive: Required<AdaptiveStepsOptions> = { ...usual, pilot: 4, decay: 0.99 },
  usualOptimal: Required<LearnedStepsOptions> = { ...usual, pilot: 10 };

/** In the pilot curvature is measured at each block so many times, and by the draws that go on at once. */
const PILOTED = 2;

/** After the pilot curvature is measured again while that took less than this share of all products. */
const MEASURED = 0.05;

/** As on the command line. */
const spelled: Record<keyof AdaptiveStepsOptions, string> = {
  kappa: "kappa",
  pMin: "p-min",
  blocks: "blocks",
  pilot: "pilot",
  decay: "decay",
};

const complete = <O extends object>(defaults: O, given: Partial<O>): O => ({
  ...defaults,
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
});

const within = (name: string, x: number, ok: boolean) => {
  if (!ok) fail("ufom:steps", `takes ${name}`, `${x}`);
};

function learned<O extends Required<LearnedStepsOptions>>(
  word: string,
  all: O,
  defaults: O,
  decay: number,
  learnsOn: boolean,
): StepProbabilities<StepwiseMoments> {
  const { kappa, pMin, blocks, pilot } = all,
    changed = (Object.keys(defaults) as (keyof O & keyof AdaptiveStepsOptions)[]).filter(key => all[key] !== defaults[key]);
  within("a kappa of at least 0.5, below which positive curvature expands", kappa, kappa >= 0.5 && Number.isFinite(kappa));
  within("a p-min in (0, 1]", pMin, pMin > 0 && pMin <= 1);
  within("a whole number of blocks of at least 1", blocks, Number.isInteger(blocks) && blocks >= 1);
  within("a whole number of pilot draws of at least 1", pilot, Number.isInteger(pilot) && pilot >= 1);
  const inPilot = ({ draws }: StepwiseMoments) => draws < pilot;
  const known = new WeakMap<StepwiseMoments, readonly number[]>();
  return {
    name: [`:${word}`, ...changed.map(key => `${spelled[key]}=${String(all[key])}`)].join(":"),
    guard: kappa,
    plans: () => Infinity,
    init: steps => noMoments(blocks, steps),
    next(state, steps) {
      let made = known.get(state);
      if (!made) known.set(state, (made = inPilot(state) ? new Array<number>(steps).fill(1) : bestFor(state, steps, kappa, pMin)));
      return made;
    },
    measures(state, visited, steps) {
      const n = state.blocks.length,
        firstIn = (block: number) => visited.filter(j => blockOf(j, n, steps) === block).slice(0, 1);
      if (inPilot(state)) return state.measured < PILOTED * n ? state.blocks.flatMap((_, block) => firstIn(block)) : [];
      return learnsOn && state.measured * POWER < MEASURED * state.products ? firstIn(state.measured % n) : [];
    },
    observe: (state, sample, steps) => (learnsOn || inPilot(state) ? withSample(state, sample, steps, decay) : state),
  };
}

/**
 * The probabilities p_j at which an estimate costs least for a given accuracy (`optimalStepProbabilities`), from moving averages over the past draws,
 * block by block of the loop: of what each step's second derivatives add to G, of V², and of the growth α_j λ_max that was seen, which p_j is kept
 * above κ times of. The first `pilot` draws visit all steps, and hold all r states; curvature is measured there by a few products more in each block, and
 * later in one block after another, for a twentieth of all products. What is drawn next depends on the past alone.
 *
 * @param options.kappa κ of the guard p_j ≥ κ α_j λ_max, at least ½; 1 if not given
 * @param options.pMin below which no probability falls, in (0, 1]; 0.05 if not given
 * @param options.blocks into how many blocks the loop is cut at most; 10 if not given
 * @param options.pilot draws at the start that visit all steps; 4 if not given
 * @param options.decay of the averages, in (0, 1); 0.99 if not given
 * @throws if an option is out of range
 *
 * @example
 * stepwise(adaptiveSteps({ kappa: 2 })).name; // "ufom:steps:adaptive:kappa=2"
 *
 * Source: ours (docs/one-coin-a-step.md).
 */
export function adaptiveSteps(options?: AdaptiveStepsOptions): StepProbabilities<StepwiseMoments> {
  const all = complete(usualAdaptive, checkOptions("adaptiveSteps", options, adaptiveKeys)),
    { decay } = all;
  within("a decay in (0, 1)", decay, decay > 0 && decay < 1);
  return learned("adaptive", all, usualAdaptive, decay, true);
}

/**
 * The same, measured first: the first `pilot` draws visit all steps, then the best probabilities for their averages stay.
 *
 * @param options as of `adaptiveSteps`, without a decay; 10 pilot draws if not given
 * @throws if an option is out of range
 *
 * @example
 * stepwise(optimalSteps({ pilot: 20 })).name; // "ufom:steps:optimal:pilot=20"
 *
 * Source: ours (docs/one-coin-a-step.md).
 */
export function optimalSteps(options?: LearnedStepsOptions): StepProbabilities<StepwiseMoments> {
  const all = complete(usualOptimal, checkOptions("optimalSteps", options, learnedKeys));
  return learned("optimal", all, usualOptimal, 1, false);
}
