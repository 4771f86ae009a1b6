import type { RunRecord, StepRecord } from "../problems/problem-entry.js";
import { intervalOf } from "./halves.js";

/** From so many points on a line is a mean of neighbours. */
const many = 30;

/** What is said of such a line. */
const meanOfNeighbours = "Each point is the mean of a twelfth of all, as figures on the way are of few tasks.";

/** Whether a figure was measured with an interval, so that its points are noisy by themselves, and often. */
const isSampled = (records: readonly RunRecord[], name: string): boolean =>
  records.every(
    ({ steps }) => steps.filter(({ tracked }) => tracked !== undefined && Object.hasOwn(tracked, intervalOf(name))).length >= many,
  );

/** A figure along runs, and what is said of it where it is not as it was measured. */
export interface Tracked {
  readonly value: (step: StepRecord) => number | undefined;
  readonly caption?: string;
}

/** A figure along runs; the mean of its neighbours where it is sampled. */
export function trackedAlong(records: readonly RunRecord[], name: string): Tracked {
  if (records.length === 0 || !isSampled(records, name)) return { value: step => step.tracked?.[name] };
  const means = new Map<StepRecord, number>();
  for (const { steps } of records) {
    const seen = steps.filter(({ tracked }) => tracked?.[name] !== undefined),
      half = Math.round(seen.length / 24);
    seen.forEach((step, i) => {
      const near = seen.slice(Math.max(0, i - half), i + half + 1);
      means.set(step, near.reduce((sum, { tracked }) => sum + tracked![name], 0) / near.length);
    });
  }
  return { value: step => means.get(step), caption: meanOfNeighbours };
}
