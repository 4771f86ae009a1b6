import type { Awaitable } from "../../executors/executor.js";
import type { HostArray } from "../../tensor/types.js";
import type { BatchBuffers } from "../batch/batch-buffers.js";
import type { RecordedBatch } from "../batch/recorded-batch.js";
import type { Counts } from "../counts.js";
import { addCounts, noCounts } from "../counts.js";
import type { Choice, Seen } from "../estimators/estimator.js";
import type { TailSample } from "../theory/tail.js";
import type { StepMoments } from "./result.js";

/** What JavaScript sees of an outer step. */
export interface StepReport {
  /** Mean outer loss. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** What was wrong, of `stepCodes`: then θ and the state of the transform are as they were. */
  readonly code: number;
  readonly counts: Counts;
  readonly peakStates: number;
  /** What is learned, a task each; nothing of an estimator that asks for nothing. */
  readonly seen: readonly Seen[];
  readonly moments?: StepMoments;
  readonly tail?: TailSample;
}

/** Several steps in a row, of which the last may have gone wrong. */
export interface RowReport extends Omit<StepReport, "seen" | "moments" | "tail"> {
  /** Steps that moved θ. */
  readonly done: number;
  /** The loss of the last of these. */
  readonly good: number;
}

/** A step from its report in memory. */
export function reportOf(
  { data }: HostArray,
  { counts, peakStates }: Pick<BatchBuffers, "counts" | "peakStates">,
  seen: readonly Seen[],
): StepReport {
  const [loss, gradientNorm, code] = data,
    moments = momentsOf(seen),
    tail = tailOf(seen);
  return { loss, gradientNorm, code, counts, peakStates, seen, ...(moments ? { moments } : {}), ...(tail ? { tail } : {}) };
}

/** The farthest of the tasks; nothing if none told of it. */
function tailOf(seen: readonly Pick<Seen, "tail">[]): TailSample | undefined {
  const all = seen.flatMap(({ tail }) => (tail ? [tail] : []));
  if (!all.length) return undefined;
  return { ...all[0], norm: Math.max(...all.map(({ norm }) => norm)), growth: Math.max(...all.map(({ growth }) => growth)) };
}

/** Means over the tasks that had both gradients; nothing if none had. */
export function momentsOf(seen: readonly Pick<Seen, "moments">[]): StepMoments | undefined {
  let [tasks, difference, target, cosine] = [0, 0, 0, 0],
    // All tasks of a step have the same, as it depends on earlier steps alone.
    scale: StepMoments["scale"];
  for (const { moments } of seen) {
    if (!moments) continue;
    tasks++;
    ({ scale } = moments);
    difference += moments.difference;
    target += moments.target;
    // Roots one by one: a product of squares overflows, or vanishes, where they do not.
    const norms = Math.sqrt(moments.target) * Math.sqrt(moments.baseline);
    if (norms !== 0) cosine += moments.inner / norms;
  }
  return tasks
    ? { difference: difference / tasks, target: target / tasks, cosine: cosine / tasks, ...(scale === undefined ? {} : { scale }) }
    : undefined;
}

/** The same where the report comes later. */
export const reportLater = async (report: Awaitable<HostArray>, ran: BatchBuffers, seen: Awaitable<readonly Seen[]>): Promise<StepReport> =>
  reportOf(await report, ran, await seen);

/** A row, from the steps that it did and the report of the last. A step that went wrong was run too; those after it changed nothing. */
export function rowOf(batch: RecordedBatch, draws: readonly (readonly Choice[])[], done: number, { data }: HostArray): RowReport {
  const [loss, gradientNorm, code, good] = data,
    ran = draws.slice(0, done + Number(code !== 0));
  return {
    done,
    good,
    loss,
    gradientNorm,
    code,
    counts: ran.reduce((sum, choices) => addCounts(sum, batch.counts(choices)), noCounts),
    peakStates: Math.max(...ran.map(choices => batch.peakStates(choices))),
  };
}
