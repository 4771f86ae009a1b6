import type { HostTree } from "../../tensor/types.js";
import { estimate } from "../batch/estimate.js";
import type { Choice, Estimator } from "../estimators/estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Pauses } from "../evaluation/pauses.js";
import type { Quantity } from "./bootstrap.js";

/** An estimate whose time is taken. */
export interface Timed {
  readonly estimator: Estimator;
  readonly choice: Choice;
}

/** Estimates of a round last so many seconds together, if they are not too many: the clock is coarse. */
const LEAST = 1e-3,
  MOST = 100;
/** So many times in turn, and fewer where they are long; the median of n numbers lies between two of them in 96 of 100 cases and more. */
const ROUNDS = [6, 9, 15] as const;
/** The number from below, and from above, between which the median then lies. */
const rank: Readonly<Record<number, number>> = { 6: 0, 9: 1, 15: 3 };

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The median of a sample of 6, 9 or 15, and its interval. */
export function median(values: readonly number[]): Quantity {
  const all = sorted(values),
    n = all.length,
    at = rank[n];
  return { value: (all[Math.floor((n - 1) / 2)] + all[Math.ceil((n - 1) / 2)]) / 2, low: all[at], high: all[n - 1 - at] };
}

/**
 * Seconds of several estimates at one θ and task, taken in turn, so that all of them meet the same machine: one list an estimate.
 *
 * @param enough seconds after which no further round begins
 */
export async function timesOf(
  compiled: CompiledProblem,
  theta: HostTree,
  task: HostTree,
  timed: readonly Timed[],
  pauses: Pauses,
  enough: number,
): Promise<number[][]> {
  const seconds = timed.map((): number[] => []);
  const once = async ({ estimator, choice }: Timed): Promise<number> => {
    const found = await estimate(compiled, estimator, theta, { task, choice }, pauses),
      { deterministic, random } = found.seconds;
    return deterministic + random;
  };
  const several = async (one: Timed, n: number): Promise<number> => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await once(one);
    return sum / n;
  };
  const repeats: number[] = [];
  for (const one of timed) {
    // The first of each writes its routine.
    await once(one);
    repeats.push(Math.max(1, Math.min(MOST, Math.ceil(LEAST / Math.max(1e-9, await once(one))))));
  }
  const started = performance.now();
  for (let round = 1; round <= ROUNDS[ROUNDS.length - 1]; round++) {
    for (const [i, one] of timed.entries()) seconds[i].push(await several(one, repeats[i]));
    if (ROUNDS.includes(round as never) && performance.now() - started > 1000 * enough) break;
  }
  return seconds;
}
