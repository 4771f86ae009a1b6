import { cleanValuesWith } from "../cleaning/regression/clean-values.js";
import type { ValuesResult } from "../cleaning/regression/clean-values.js";
import { regressionFits } from "../cleaning/regression/fits.js";
import { heldOutError, leastHeldOut } from "../cleaning/regression/held-out-error.js";
import type { HeldOutError } from "../cleaning/regression/held-out-error.js";
import { checkRegression } from "../cleaning/regression/input.js";
import type { RegressionInput } from "../cleaning/regression/input.js";
import { noiseModel } from "../cleaning/regression/methods/noise-model.js";
import { residual } from "../cleaning/regression/methods/residual.js";
import { limited, unlessStopped } from "../clean/find.js";
import type { Found, FindOptions } from "../clean/find.js";

/** What is known of each row when the work ended: all of it, or what was there when it was stopped. */
export type ValuesVerdict = Omit<ValuesResult, "pWrong" | "wrong"> & Partial<Pick<ValuesResult, "pWrong" | "wrong">>;

/** How the work ended. */
export interface FoundValues extends Pick<Found, "outcome" | "missing"> {
  /** Nothing if it was stopped before any row was scored. */
  readonly verdict?: ValuesVerdict;
  readonly error?: HeldOutError;
  /** Why there is no error on held-out rows. */
  readonly noError?: string;
}

/**
 * Looks for wrong numbers, the quickest answer first, so that there is one when the time is over or somebody presses Ctrl-C; then measures what cleaning is
 * worth on held-out trusted rows.
 */
export async function findWrongValues(input: RegressionInput, options: Omit<FindOptions, "classes">): Promise<FoundValues> {
  const { method, seed, executor, stop, budget, progress } = options,
    { signal, outcome } = limited(stop, budget);
  checkRegression(input);
  const context = { seed, executor, signal, progress },
    fits = regressionFits(input, context),
    trusted = input.trusted?.values.length ?? 0;
  if ((await unlessStopped(signal, fits.base)) === undefined) return { outcome: outcome(), missing: "no row was scored" };
  const quick = await unlessStopped(signal, () => cleanValuesWith(fits, residual.name)),
    early = (verdict: ValuesResult | undefined, missing: string): FoundValues => ({
      outcome: outcome(),
      ...(verdict === undefined ? {} : { verdict: { ...verdict, reason: `It was stopped early: ${verdict.method} alone.` } }),
      missing,
    });
  if (quick === undefined) return early(undefined, "no row was scored");
  const first = trusted > 0 && method === "auto" ? noiseModel.name : method,
    scored = first === residual.name ? quick : await unlessStopped(signal, () => cleanValuesWith(fits, first));
  if (scored === undefined) return early(quick, `${method} did not come to an end`);
  const verdict = first === method ? scored : await unlessStopped(signal, () => cleanValuesWith(fits, method));
  if (verdict === undefined) return early(scored, "the other methods, and the error on trusted rows");
  if (trusted === 0) return { outcome: outcome(), verdict, noError: "no rows are trusted" };
  if (trusted < leastHeldOut) return { outcome: outcome(), verdict, noError: `fewer than ${leastHeldOut} rows are trusted` };
  const error = await unlessStopped(signal, () => heldOutError(input, context, method, verdict.model));
  return error === undefined
    ? { outcome: outcome(), verdict, missing: "the error on trusted rows" }
    : { outcome: outcome(), verdict, error };
}
