import type { Counts, Problem } from "ufom";
import type { Settings } from "./settings.js";

/** Seconds that are still to come, from which on a suggestion is worth a line and the moment that it takes to find. */
const LONG = 10;
/** So much faster should a run be, to be told. */
const LEAST = 1.25;

/** How a run goes: after these steps, in these seconds. */
export interface Pace {
  readonly stepsDone: number;
  readonly stepsLeft: number;
  readonly seconds: number;
  readonly counts: Counts;
}

/** Whether what is left of a run is so long that --native may be suggested. */
export const isLong = ({ stepsDone, stepsLeft, seconds }: Pace, budget = Infinity): boolean =>
  Math.min((seconds / stepsDone) * stepsLeft, budget - seconds) > LONG;

let told = false;

/** One line about --native, once in a process, if the run is long and a library would make it faster. */
export async function nativeSuggestion(problem: Problem, settings: Settings, pace: Pace): Promise<string | undefined> {
  const { native, executor, dtype, seed, budget } = settings;
  if (told || native !== undefined || executor !== "auto" || !isLong(pace, budget.seconds)) return undefined;
  const [{ suggestLibrary }, { step, pullback }] = await Promise.all([
    import("ufom/internal/executors/native/gain"),
    import("ufom/internal/core/problem/definitions"),
  ]);
  const programs = problem.programs({ theta: problem.theta(seed), task: await problem.task(seed, 1, 0) }, dtype),
    calls = [
      { program: programs.of(step).program, count: pace.counts.step },
      { program: programs.of(pullback).program, count: pace.counts.product },
    ];
  const found = suggestLibrary(calls, LEAST);
  if (found === undefined) return undefined;
  told = true;
  const by = found.library === undefined ? `a library that ${found.missing} would add` : found.library;
  return `--native, with large products by ${by}, would make this run about ${found.gain.toFixed(1)} times as fast; the last bits of its numbers would be others.`;
}
