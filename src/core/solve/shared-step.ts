import type { Buffer } from "../../executors/executor.js";
import type { HostTree } from "../../tensor/types.js";
import type { SharedBatch } from "../batch/shared-batch.js";
import type { Choice } from "../estimators/estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import type { Pauses } from "../evaluation/pauses.js";
import type { StepReport } from "./step-report.js";
import { reportOf } from "./step-report.js";

/** Where an outer step starts, in an executor's memory: θ, what lies beside it, and in that the number of steps done. */
export interface StepStart {
  readonly theta: State;
  readonly inputs: State;
  readonly stepsDone: Buffer;
}

/** An outer step whose tasks several compute; the update is made here. */
export async function sharedStep(
  { executor }: CompiledProblem,
  batch: SharedBatch,
  { theta, inputs, stepsDone }: StepStart,
  draw: { readonly choices: readonly Choice[]; readonly tasks: readonly HostTree[] },
  pauses: Pauses,
): Promise<StepReport> {
  const { choices, tasks } = draw,
    done = batch.drawsTasks ? (await executor.read(stepsDone)).data[0] : 0;
  return batch.use({ theta, inputs, tasks, stepsDone: done }, choices, pauses, async mean =>
    reportOf(await executor.read(mean.continued[0]), mean, mean.seen),
  );
}
