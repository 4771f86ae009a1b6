import type { Buffer, LinkedRoutine } from "../executors/executor.js";
import { leafTypes } from "../tensor/trace.js";
import type { Counts } from "./estimators/estimator.js";
import type { Kernels } from "./kernels.js";
import { RunningMean } from "./running-mean.js";
import type { OutcomeShape, Sweep } from "./pass.js";
import { deepest, listed, Pass } from "./pass.js";
import { Place } from "./machine.js";
import type { MemoryStrategy, State } from "./memory/strategy.js";
import { elementsOf, Recorder } from "./recorder.js";

/** Longer passes are run call by call: what a tape of calls takes does not grow with the number of inner steps without end. */
const MOST_CALLS = 2 ** 14;
/** Larger passes too: they keep their states between runs, and gain nothing. */
const MOST_ELEMENTS = 2 ** 22;

/** One pass or the mean over several tasks as one routine: the same calls on the same places each time, for any θ and tasks of the same shapes. */
export interface RecordedPass {
  /** Of all tasks together. */
  readonly counts: Counts;
  readonly peakStates: number;
  /** What `run` answers: the loss, then gradients by this shape. */
  readonly shape: OutcomeShape;
  /** Seconds of each part in the last run: for one task to φ_r with the outer gradient, and what came after. */
  readonly seconds: readonly number[];
  /** Runs it. The buffers hold until the next run. */
  run(theta: State, tasks: readonly State[]): readonly Buffer[];
  dispose(): void;
}

/** Whether so many tasks' passes are worth a routine; several tasks are held at once. */
function fits({ executor, steps, programs }: Kernels, sweeps: readonly Sweep[], memory: MemoryStrategy, tasks: number): boolean {
  const calls = steps + memory.extraSteps(deepest(sweeps)) + sweeps.reduce((sum, { depth }) => sum + depth, 0);
  const held = (tasks - 1) * elementsOf(leafTypes(programs.task));
  return executor.link !== undefined && tasks * calls <= MOST_CALLS && held <= MOST_ELEMENTS;
}

/** Writes a pass down, unless the executor runs calls one by one or there are too many. */
export async function recordPass(kernels: Kernels, sweeps: readonly Sweep[], memory: MemoryStrategy): Promise<RecordedPass | undefined> {
  if (!fits(kernels, sweeps, memory, 1)) return undefined;
  const { steps, programs } = kernels,
    recorder = new Recorder(kernels),
    place = new Place(recorder, recorder.inputs(leafTypes(programs.theta)), recorder.inputs(leafTypes(programs.task)));
  const pass = new Pass(place, sweeps, () => {
    recorder.nextPart();
  });
  const passed = await pass.run(steps, memory),
    { buffers, shape } = listed(passed);
  return linked(kernels, recorder, buffers, { shape, counts: passed.counts, peakStates: passed.peakStates });
}

/**
 * Writes down the passes of several tasks, one after another, and the mean of their losses (in float64) and gradients, which is that of
 * `averageTrees` to the bit.
 */
export async function recordMean(kernels: Kernels, sweep: Sweep, memory: MemoryStrategy, tasks: number): Promise<RecordedPass | undefined> {
  if (!fits(kernels, [sweep], memory, tasks)) return undefined;
  const { steps, programs } = kernels,
    recorder = new Recorder(kernels),
    theta = recorder.inputs(leafTypes(programs.theta)),
    places = Array.from({ length: tasks }, () => new Place(recorder, theta, recorder.inputs(leafTypes(programs.task))));
  const pass = new Pass(places[0], [sweep], () => undefined),
    passed = await pass.run(steps, memory),
    { buffers, shape } = listed(passed),
    mean = new RunningMean(kernels, recorder);
  // The passes of the other tasks are the same calls, on another task and in the same places.
  const ofOneTask = recorder.pattern();
  for (const place of places) {
    if (place !== places[0]) recorder.repeat(ofOneTask, places[0].task, place.task);
    await mean.add(buffers);
  }
  const {
    peakStates,
    counts: { step, product, outer },
  } = passed;
  const counts = { step: tasks * step, product: tasks * product, outer: tasks * outer };
  return linked(kernels, recorder, await mean.result(), { shape, counts, peakStates });
}

function linked(
  { executor }: Kernels,
  recorder: Recorder,
  outputs: readonly Buffer[],
  known: Pick<RecordedPass, "shape" | "counts" | "peakStates">,
): RecordedPass | undefined {
  const { routine, lent } = recorder.routine(outputs);
  if (elementsOf(routine.places.slice(routine.inputs)) > MOST_ELEMENTS) return undefined;
  const made = executor.link?.(routine);
  return (
    made && {
      ...known,
      seconds: made.seconds ?? [NaN, NaN],
      run: withLent(made, lent),
      dispose: () => {
        made.dispose();
      },
    }
  );
}

/** Runs a routine with θ, tasks and what kernels lend it. */
function withLent(routine: LinkedRoutine, lent: State): RecordedPass["run"] {
  let inputs: State = [],
    given: readonly State[] = [];
  return (theta, tasks) => {
    if (given[0] !== theta || tasks.some((task, i) => task !== given[i + 1])) {
      inputs = [theta, ...tasks, lent].flat();
      given = [theta, ...tasks];
    }
    return routine.run(inputs);
  };
}
