import type { Awaitable } from "../../executors/executor.js";
import type { HostArray } from "../../tensor/types.js";
import type { BatchBuffers } from "../batch/batch-buffers.js";
import type { RecordedBatch } from "../batch/recorded-batch.js";
import type { Counts } from "../counts.js";
import { addCounts, noCounts } from "../counts.js";
import type { Choice, Seen } from "../estimators/estimator.js";

/** What JavaScript sees of an outer step. */
export interface StepReport {
  /** Mean outer loss. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** What was wrong, of `stepCodes`: then θ and the state of the transform are as they were. */
  readonly code: number;
  readonly counts: Counts;
  readonly peakStates: number;
  /** What the estimator learns, a task each; nothing for one that does not observe. */
  readonly seen: readonly Seen[];
}

/** Several steps in a row, of which the last may have gone wrong. */
export interface RowReport extends Omit<StepReport, "seen"> {
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
  const [loss, gradientNorm, code] = data;
  return { loss, gradientNorm, code, counts, peakStates, seen };
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
