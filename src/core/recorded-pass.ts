import type { Buffer, LinkedRoutine } from "../executors/executor.js";
import { leafTypes } from "../tensor/trace.js";
import type { Counts } from "./estimators/estimator.js";
import type { Kernels } from "./kernels.js";
import type { OutcomeShape, Sweep } from "./pass.js";
import { deepest, listed, Pass } from "./pass.js";
import { Place } from "./machine.js";
import type { MemoryStrategy, State } from "./memory/strategy.js";
import { elementsOf, Recorder } from "./recorder.js";

/** Longer passes are run call by call: what a tape of calls takes does not grow with the number of inner steps without end. */
const MOST_CALLS = 4096;
/** Larger passes too: they keep their states between runs, and gain nothing. */
const MOST_ELEMENTS = 2 ** 22;

/** A pass as one routine: the same calls on the same places each time, for any θ and task of the same shapes. */
export interface RecordedPass {
  readonly counts: Counts;
  readonly peakStates: number;
  /** What `run` answers: the loss, then gradients by this shape. */
  readonly shape: OutcomeShape;
  /** Seconds to φ_r with the outer gradient, and of what came after, in the last run. */
  readonly seconds: readonly number[];
  /** Runs it. The buffers hold until the next run. */
  run(theta: State, task: State): readonly Buffer[];
  dispose(): void;
}

/** Writes a pass down, unless the executor runs calls one by one or there are too many. */
export async function recordPass(kernels: Kernels, sweeps: readonly Sweep[], memory: MemoryStrategy): Promise<RecordedPass | undefined> {
  const { executor, steps, programs } = kernels,
    calls = steps + memory.extraSteps(deepest(sweeps)) + sweeps.reduce((sum, { depth }) => sum + depth, 0);
  if (!executor.link || calls > MOST_CALLS) return undefined;
  const recorder = new Recorder(kernels),
    place = new Place(recorder, recorder.inputs(leafTypes(programs.theta)), recorder.inputs(leafTypes(programs.task)));
  const pass = new Pass(place, sweeps, () => {
    recorder.nextPart();
  });
  const passed = await pass.run(steps, memory),
    { buffers, shape } = listed(passed),
    { routine, lent } = recorder.routine(buffers);
  if (elementsOf(routine.places.slice(routine.inputs)) > MOST_ELEMENTS) return undefined;
  const linked = executor.link(routine);
  return {
    counts: passed.counts,
    peakStates: passed.peakStates,
    shape,
    seconds: linked.seconds,
    run: withLent(linked, lent),
    dispose: () => {
      linked.dispose();
    },
  };
}

/** Runs a routine with θ, a task and what kernels lend it. */
function withLent(linked: LinkedRoutine, lent: State): RecordedPass["run"] {
  let inputs: State = [],
    given: { readonly theta: State; readonly task: State } | undefined;
  return (theta, task) => {
    if (given?.theta !== theta || given.task !== task) {
      inputs = [...theta, ...task, ...lent];
      given = { theta, task };
    }
    return linked.run(inputs);
  };
}
