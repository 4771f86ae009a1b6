import { optimize } from "../../program/passes/index.js";
import type { Program } from "../../program/program.js";
import * as np from "../../tensor/np/index.js";
import { leafTypes, trace, typesOf } from "../../tensor/trace.js";
import { map, type ValueTree } from "../../tensor/tree.js";
import type { FloatType, HostArray, HostTree, Type } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import { reportType } from "../outer/outer-programs.js";
import type { Best } from "./result.js";
import { quantity } from "../../tensor/quantity.js";

/** Outer steps over whose losses a mean is taken where tasks differ from step to step. */
export const bestWindow = 10;

/** The best θ of a run so far, and what it was found with. Numbers are float64. */
export interface BestState {
  /** The θ at which the criterion was lowest. */
  readonly theta: HostTree;
  /** As `figures` names them. */
  readonly figures: HostArray;
  /** The last losses, the newest last; zeros before the first. */
  readonly recent: HostArray;
  /** How many losses the criterion is a mean of, a scalar: 1 as long as all steps have had the same tasks. */
  readonly window: HostArray;
}

/** What `BestState.figures` holds, in this order. */
const figures = ["value", "index", "largest", "largestIndex", "first", "last"] as const;

/** The numbers of a best state by name. */
export type BestFigures = Readonly<Record<(typeof figures)[number], number>> & { readonly window: number };

const float64 = (...shape: number[]): Type => ({ shape, dtype: "float64" });
const count: Type = { shape: [], dtype: "int32" };

/** The types of a best state's tree, for a θ. */
export const bestTypes = (theta: unknown) => ({
  theta: typesOf(theta),
  figures: float64(figures.length),
  recent: float64(bestWindow),
  window: float64(),
});

/** Before the first step: θ₀, of which no loss is known. */
export const noBest = (theta: HostTree): BestState => ({
  theta,
  figures: { ...float64(figures.length), data: Float64Array.of(Infinity, 0, -Infinity, 0, NaN, NaN) },
  recent: { ...float64(bestWindow), data: new Float64Array(bestWindow) },
  window: windowOf(1),
});

/** A window as an array. */
export const windowOf = (steps: number): HostArray => ({ ...float64(), data: Float64Array.of(steps) });

/** The numbers of a best state. */
export function figuresOf({ figures: { data }, window }: Pick<BestState, "figures" | "window">): BestFigures {
  const [value, index, largest, largestIndex, first, last] = data;
  return { value, index, largest, largestIndex, first, last, window: window.data[0] };
}

/** A best state inside a traced function. */
type BestValues = { readonly theta: ValueTree } & Readonly<Record<"figures" | "recent" | "window", Value>>;

/**
 * (best, θ, k, report, loss) ↦ best, leaf by leaf: what an outer step adds, from the θ before its update, the number k of steps done, the report
 * before it and its loss. With m_k the mean of the last `window` losses (of all, while there are fewer), θ is kept where m_k is lower than before;
 * means of fewer losses than the window no longer count once there is one of a whole window. A step after one that went wrong, or whose loss is not
 * finite, adds nothing.
 */
export function traceBest(theta: unknown, dtype: FloatType): Program {
  const types = bestTypes(theta);
  const step = (best: ValueTree, at: ValueTree, k: Value, report: Value, loss: Value) => {
    const { theta: kept, figures: old, recent, window } = best as BestValues,
      done = k.astype("float64"),
      n = done.add(1),
      [value, index, largest, largestIndex, first] = figures.map((_, i) => np.take(old, i, 0)),
      losses = np.concatenate([recent.slice([1, null]), loss.reshape([1])]),
      mean = np.where(window.equal(1), loss, losses.sum().div(np.minimum(n, bestWindow))),
      whole = np.logicalAnd(window.greater(1), n.equal(bestWindow)),
      counts = np.logicalAnd(np.take(report, 2, 0).equal(0), loss.abs().less(Infinity)),
      better = np.logicalAnd(counts, np.logicalOr(mean.less(value), whole)),
      larger = loss.greater(largest),
      next = np.stack([
        np.where(better, mean, value),
        np.where(better, done, index),
        np.where(larger, loss, largest),
        np.where(larger, n, largestIndex),
        np.where(n.equal(1), loss, np.where(n.lessEqual(window), np.maximum(first, loss), first)),
        mean,
      ]);
    return {
      theta: map((now, before) => np.where(better, now, before), at, kept),
      figures: np.where(counts, next, old),
      recent: np.where(counts, losses, recent),
      window,
    };
  };
  const traced = trace(step, [types, theta, count, reportType, float64()], dtype, ["best", "theta", "k", "report", "loss"]);
  return optimize(traced.program);
}

/** How many leaves a best state has, for a θ. */
export const bestLeaves = (theta: unknown): number => leafTypes(theta).length + 3;

/** What the best θ was found by, in words. */
const criterionOf = ({ window }: BestFigures): string =>
  window === 1 ? "outer loss" : `mean outer loss of the last ${window} outer steps`;

/** The best θ as a result tells it. */
export function bestOf({ theta, figures: numbers, window }: BestState): Best {
  const known = figuresOf({ figures: numbers, window }),
    { value, index } = known;
  return { theta, index, criterion: criterionOf(known), value: value === Infinity ? NaN : value };
}

const short = (x: number): string => String(Number(x.toPrecision(4)));

/**
 * What a run should not end without saying: that its loss ended far above its best (by more than the best itself) and above twice where it began,
 * or that it was ten times as large as ever seemed likely on the way. Where tasks differ from step to step losses are as large as their tasks are
 * hard: then it began with the largest of the first `window`, and ends with a mean.
 * @param keeps whether the θ that the criterion named is the one that is kept
 */
export function warningOf(known: BestFigures, keeps = true): string | undefined {
  const { value, index, largest, largestIndex, first, last } = known,
    size = Math.abs(value),
    kept = keeps ? ` The θ after ${quantity(index, "outer step")} is kept as the best (${criterionOf(known)} ${short(value)}).` : "",
    advice = "A smaller outer step size, a schedule that decays, or gradients clipped by their norm may help.";
  if (last - value > size && last - first > Math.abs(first))
    return `The ${criterionOf(known)} ended at ${short(last)}, far above its best, ${short(value)}.${kept} ${advice}`;
  const usual = Math.max(first, last) - value;
  if (largestIndex > 1 && largest - value > 10 * Math.max(usual, size))
    return `The outer loss was ${short(largest)} at outer step ${largestIndex}, far above the others.${kept} ${advice}`;
  return undefined;
}
