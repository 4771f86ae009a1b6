import { fail } from "../../tensor/error.js";
import { describeTree } from "../../tensor/tree.js";
import type { Choice, Arrays } from "./estimator.js";

/** What the baseline is multiplied by: one number for all of it, or one a leaf of θ. */
export type BaselineScale = "global" | "leaf";

/** @throws if it is none */
export function checkScale(scale: BaselineScale | undefined): BaselineScale | undefined {
  if (scale !== undefined && scale !== "global" && scale !== "leaf")
    fail("ufom", "scales its baseline by one number, global, or by one a leaf", typeof scale === "string" ? scale : describeTree(scale));
  return scale;
}

/** Of the moving averages. */
const DECAY = 0.99;

/** Sums with weights decay^age over the draws that had both gradients, of one number or one a leaf. */
export type ScaleState = {
  readonly weight: number;
  /** ⟨G_target, G_baseline⟩. */
  readonly inner: readonly number[];
  /** ‖G_baseline‖². */
  readonly baseline: readonly number[];
  /** c of the next draws. */
  readonly scale: readonly number[];
};

/** Before anything was seen c is 0: a baseline that may do harm has no part in the estimate. */
export function startOfScale(kind: BaselineScale, leaves: number): ScaleState {
  const zeros = new Array<number>(kind === "global" ? 1 : leaves).fill(0);
  return { weight: 0, inner: zeros, baseline: zeros, scale: zeros };
}

/**
 * The state after a draw that had both gradients:
 *
 *     c = n/(n + 1) · Σ⟨G_target, G_baseline⟩ / Σ‖G_baseline‖²
 *
 * with sums of weights decay^age and n the sum of the weights. The factor is one more draw in which the two had nothing in common: a few draws say
 * little about c, and c near 0 is safe.
 */
export function seenByScale(state: ScaleState, inner: readonly number[], baseline: readonly number[]): ScaleState {
  // A square that overflows says nothing about c; the run itself will say that it diverged.
  if (![...inner, ...baseline].every(Number.isFinite)) return state;
  const mixed = (old: readonly number[], added: readonly number[]) => old.map((x, i) => DECAY * x + added[i]),
    next = { weight: DECAY * state.weight + 1, inner: mixed(state.inner, inner), baseline: mixed(state.baseline, baseline) },
    shrink = next.weight / (next.weight + 1);
  return { ...next, scale: next.inner.map((x, i) => (next.baseline[i] > 0 ? (shrink * x) / next.baseline[i] : 0)) };
}

/** c of a choice, as a step tells it. */
export function scaleOf({ arrays: { scale } }: Choice, kind: BaselineScale | undefined): number | readonly number[] | undefined {
  if (!kind || !(scale as Arrays[string] | undefined)) return undefined;
  const numbers = scale.map(({ data }) => data[0]);
  return kind === "global" ? numbers[0] : numbers;
}

/** ⟨G_target, G_baseline⟩ and ‖G_baseline‖² of a draw that had both, of all or one a leaf, from what its moments were. */
export const sampleOf = ([all, inner, baseline]: Arrays[string], kind: BaselineScale | undefined): [inner: number[], baseline: number[]] =>
  kind === "leaf" ? [[...inner.data], [...baseline.data]] : [[all.data[2]], [all.data[3]]];
