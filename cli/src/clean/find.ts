import type { Executor } from "ufom";
import { cleanWith, ranks } from "../cleaning/clean.js";
import type { CleaningResult } from "../cleaning/clean.js";
import { fitsOf } from "../cleaning/fits.js";
import type { Fits } from "../cleaning/fits.js";
import { heldOutAccuracy, tooFewToHoldOut } from "../cleaning/held-out-accuracy.js";
import type { HeldOutAccuracy } from "../cleaning/held-out-accuracy.js";
import { checkInput } from "../cleaning/input.js";
import type { CleaningInput } from "../cleaning/input.js";
import { disagreement } from "../cleaning/methods/disagreement.js";
import { transition } from "../cleaning/methods/transition.js";

/** What is known of each row when the work ended: all of it, or what was there when it was stopped. */
export type Verdict = Omit<CleaningResult, "pWrong" | "wrong" | "transition">
  & Partial<Pick<CleaningResult, "pWrong" | "wrong" | "transition">>;

/** How the work ended. */
export interface Found {
  readonly outcome: "finished" | "budget" | "stopped";
  /** Nothing if it was stopped before any row was scored. */
  readonly verdict?: Verdict;
  readonly accuracy?: HeldOutAccuracy;
  /** Why there is no accuracy. */
  readonly noAccuracy?: string;
  /** What is missing, if it was stopped. */
  readonly missing?: string;
}

export interface FindOptions {
  readonly method: string;
  readonly seed: number;
  readonly executor: Executor;
  readonly classes: readonly string[];
  /** Ctrl-C. */
  readonly stop: AbortSignal;
  /** Seconds. */
  readonly budget?: number;
  readonly progress: (what: string, share: number) => void;
}

/** What the base classifier alone says, where there was no time for more. */
async function byDisagreement(fits: Fits): Promise<Verdict> {
  const { rows, other, cut } = await disagreement.score(fits, {}),
    { labels } = fits.input.rows,
    { wrong } = cut!;
  return {
    method: disagreement.name,
    reason:
      "It was stopped early: rows are ranked by how surely a classifier that has not seen them predicts another class, without a p_wrong.",
    score: rows,
    rank: ranks(rows, rows),
    suspect: wrong,
    rule: cut!.rule,
    suggested: labels.map((label, i) => (wrong[i] ? other[i] : label)),
    weight: Float64Array.from(wrong, w => 1 - w),
    checked: [],
    tried: [],
  };
}

/** What ends work: Ctrl-C, or a time in seconds that is over; none is left where it was over before. */
export function limited(stop: AbortSignal, budget: number | undefined) {
  const late = budget === undefined ? undefined : budget > 0 ? AbortSignal.timeout(Math.ceil(1000 * budget)) : AbortSignal.abort(),
    signal = late === undefined ? stop : AbortSignal.any([stop, late]);
  return { signal, outcome: (): Found["outcome"] => (stop.aborted ? "stopped" : signal.aborted ? "budget" : "finished") };
}

/** Whether work was stopped. @throws the error as it is if something else went wrong */
export async function unlessStopped<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  }
}

/**
 * Looks for wrong labels, the quickest answer first, so that there is one when the time is over or somebody presses Ctrl-C; then measures what cleaning is
 * worth on held-out trusted rows.
 */
export async function findWrong(input: CleaningInput, options: FindOptions): Promise<Found> {
  const { method, seed, executor, stop, budget, progress } = options,
    { signal, outcome } = limited(stop, budget);
  checkInput(input);
  const context = { seed, executor, signal, progress },
    fits = fitsOf(input, context),
    trusted = input.trusted !== undefined;
  if ((await unlessStopped(signal, fits.base)) === undefined) return { outcome: outcome(), missing: "no row was scored" };
  const first = trusted && method === "auto" ? transition.name : method;
  let verdict: Verdict | undefined = await unlessStopped(signal, () => cleanWith(fits, first));
  if (verdict === undefined)
    return {
      outcome: outcome(),
      verdict: await byDisagreement(fits),
      missing: `${method} did not come to an end, and there is no p_wrong`,
    };
  if (first !== method) {
    const all = await unlessStopped(signal, () => cleanWith(fits, method));
    if (all === undefined)
      return {
        outcome: outcome(),
        verdict: { ...verdict, reason: `It was stopped before all methods had scored: ${first} alone.` },
        missing: "the other methods, and the accuracy on trusted rows",
      };
    verdict = all;
  }
  if (!trusted) return { outcome: outcome(), verdict, noAccuracy: "no rows are trusted" };
  const few = tooFewToHoldOut(input);
  if (few !== undefined)
    return { outcome: outcome(), verdict, noAccuracy: `${JSON.stringify(options.classes[few])} has fewer than four trusted rows` };
  const accuracy = await unlessStopped(signal, async () => heldOutAccuracy(input, context, method, {}, await fits.base()));
  return accuracy === undefined
    ? { outcome: outcome(), verdict, missing: "the accuracy on trusted rows" }
    : { outcome: outcome(), verdict, accuracy };
}
