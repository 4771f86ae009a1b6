import type { Awaitable, Executable } from "../../executors/executor.js";
import { leafTypes } from "../../tensor/trace.js";
import type { HostArray, Type } from "../../tensor/types.js";
import { leavesOf } from "../batch/mean.js";
import type { Continuation } from "../batch/recorded-batch.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Formula, State } from "../evaluation/machine.js";
import type { OuterPrograms } from "../outer/outer-programs.js";
import { paceType, reportType } from "../outer/outer-programs.js";
import { bestTypes } from "./best.js";

/** The number of steps done. */
export const count: Type = { shape: [], dtype: "int32" };

/** x ↦ x, in another place. */
const copy: Formula = { name: "copy", of: xs => [...xs] };
/** The loss in float64, as transforms take it. */
export const inFloat64: Formula = { name: "loss in float64", of: ([loss]) => [loss.astype("float64")] };

/** What an outer step has beside its programs' types: executables, and the order of what lies beside θ. */
export interface StepParts {
  keep(): Awaitable<Executable>;
  updateFor(leaves: readonly number[]): Awaitable<Executable>;
  partsOf(rest: State): { readonly state: State; readonly last: State; readonly best: State };
  arranged(outputs: State, best: State): [theta: State, rest: State];
}

/** What an outer step's routine does around the mean: draws of tasks, and the update from and back into the places of θ and the rest. */
export function continuationOf(
  compiled: CompiledProblem,
  { theta: thetaTypes, state }: OuterPrograms,
  key: HostArray | undefined,
  parts: StepParts,
): Continuation {
  const { sampling } = compiled,
    // The pace comes last, as no step changes it.
    types = [...leafTypes(state), ...leafTypes(bestTypes(thetaTypes)), count, reportType, paceType];
  return {
    inputs: recorder => recorder.inputs(types),
    ...(sampling && key
      ? {
          sampling: {
            executable: sampling.executable,
            inputs: (recorder, given, index) => [recorder.constant(key), given[given.length - 3], recorder.index(index)],
          },
        }
      : {}),
    record: async (recorder, theta, given, mean) => {
      const leaves = leavesOf([mean.gradient]),
        [rest, pace] = [given.slice(0, -1), given[given.length - 1]],
        [loss] = mean.loss.dtype === "float64" ? [mean.loss] : await recorder.run(inFloat64, [mean.loss]),
        { state: before, best, last } = parts.partsOf(rest),
        kept = recorder.note(await parts.keep(), [...best, ...theta, ...last, loss]),
        inputs = [...theta, ...before, ...last, ...leaves.map(leaf => mean.gradient[leaf]!), loss, pace],
        outputs = recorder.note(await parts.updateFor(leaves), inputs),
        after = parts.arranged(outputs, kept).flat();
      recorder.into(await compiled.executable(copy, [after]), after, [...theta, ...rest]);
      return outputs.slice(-1);
    },
  };
}
