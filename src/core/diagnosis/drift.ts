import { NEAR } from "../solve/near-one.js";
import type { DriftState, Expected } from "../solve/auto-choice.js";
import type { SolveStep } from "../solve/result.js";

/** How far beyond the interval of the diagnosis an average may lie: D²/V², and second moments, which fall along a run by their nature. */
export const FACTORS = { ratio: 2, moment: 10 } as const;
/** A D²/V² below this need not be told from 0. */
const SMALL = 0.01;
/** Of the averages; and of so many steps none is taken for a drift. */
const DECAY = 0.97,
  FEWEST = 32;

/** Nothing seen since a diagnosis. */
export const nothingSeen: DriftState = { steps: 0, draws: 0, difference: 0, target: 0, square: 0, near: 0 };

const mixed = (average: number, x: number): number => DECAY * average + (1 - DECAY) * x;
/** An average that began with 0, without what that does to it. */
const unbiased = (average: number, n: number): number => {
  let left = 1;
  for (let i = 0; i < n && left > 1e-17; i++) left *= DECAY;
  return average / (1 - left);
};

/** What is known after one more step. */
export function withStep(state: DriftState, { moments, gradientNorm, probability }: SolveStep, draws: boolean): DriftState {
  return {
    steps: state.steps + 1,
    draws: state.draws + Number(moments !== undefined),
    difference: moments ? mixed(state.difference, moments.difference) : state.difference,
    target: moments ? mixed(state.target, moments.target) : state.target,
    square: mixed(state.square, gradientNorm * gradientNorm),
    near: draws && probability >= NEAR ? state.near + 1 : 0,
  };
}

const digits = (x: number): string => `${Number(x.toPrecision(2))}`;

/** Where an average lies outside of an interval by more than a factor, that in words. */
function outside(what: string, x: number, [low, high]: readonly [number, number], factor: number, over: string): string | undefined {
  if (x <= factor * high && x * factor >= low) return undefined;
  return `${what} was ${digits(x)} ${over}, where the diagnosis had ${digits(low)} to ${digits(high)}`;
}

/** Whether the probability stayed near 1, so that the target was computed nearly always. */
export const staysNear = ({ near }: DriftState): boolean => near >= FEWEST;

/**
 * Whether what steps showed since the diagnosis lies so far from what it said that it should be made again, in words: averages of past draws only, so
 * that the same seed decides the same.
 */
export function driftOf(state: DriftState, { ratio, v2, square }: Expected): string | undefined {
  const { steps, draws, near, ...sums } = state;
  if (staysNear(state)) return `its target was drawn with a probability of at least ${NEAR} in the last ${near} outer steps`;
  if (ratio) {
    if (draws < FEWEST) return undefined;
    const over = `over the last draws of ${draws} with both gradients`;
    return (
      outside(
        "D²/V²",
        sums.target === 0 ? 0 : Math.max(SMALL, sums.difference / sums.target),
        [ratio[0], Math.max(SMALL, ratio[1])],
        FACTORS.ratio,
        over,
      ) ?? outside("V²", unbiased(sums.target, draws), v2, FACTORS.moment, over)
    );
  }
  if (steps < FEWEST) return undefined;
  return outside("the mean square of an estimate", unbiased(sums.square, steps), square, FACTORS.moment, `over the last of ${steps} steps`);
}
