import type { HostArray, HostTree } from "../../tensor/types.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { Counts } from "../estimators/estimator.js";
import type { Kernels } from "../evaluation/compiled-problem.js";
import { Place } from "../evaluation/machine.js";
import type { MeanEstimate } from "../solve/mean.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import type { OutcomeShape, Sweep } from "./pass.js";
import { deepest, listed, Pass } from "./pass.js";

/** Gradients of the leaves of θ; undefined is zero. */
export type LeafGradients = (HostArray | undefined)[];

/** What an unrolled inner loop gave. */
export interface Unrolled {
  readonly loss: number;
  /** One a sweep. */
  readonly gradients: readonly LeafGradients[];
  readonly counts: Counts;
  readonly peakStates: number;
  /** By the clock: all of it, the forward pass to φ_r with the outer gradient, and what came after. */
  readonly seconds: { readonly total: number; readonly forward: number; readonly back: number };
}

/**
 * Runs the inner loop and the sweeps back over it: r steps forward, the outer gradient at φ_r, then the states that the sweeps need,
 * handed out by the memory strategy. Several sweeps share one pass. A pass that fits is recorded once and then run as one routine; others
 * are run call by call. Whatever throws, no buffer stays behind.
 */
export async function unroll(
  kernels: Kernels,
  theta: HostTree,
  task: HostTree,
  sweeps: readonly Sweep[],
  memory: MemoryStrategy,
): Promise<Unrolled> {
  const started = performance.now(),
    known = kernels.recorded.single(sweeps, memory),
    recorded = isPromise(known) ? await known : known,
    // From here to the reading nothing is awaited in a recorded pass: another one cannot bring its task in between.
    placed = new Place(kernels, kernels.placeTheta(theta), kernels.placeTask(task));
  if (!recorded) return runCallByCall(kernels, placed, sweeps, memory, started);
  const answer = kernels.executor.readAll(recorded.run(placed.theta, [placed.task])),
    arrays = isPromise(answer) ? await answer : answer,
    { shape, counts, peakStates, seconds } = recorded;
  const [forward, back] = seconds;
  return {
    loss: arrays[0].data[0],
    gradients: gather(arrays, shape),
    counts,
    peakStates,
    seconds: { total: secondsSince(started), forward, back },
  };
}

/** The mean over tasks in one routine, if they fit; the bits of the mean of single passes. */
export async function unrollMean(
  kernels: Kernels,
  theta: HostTree,
  tasks: readonly HostTree[],
  sweep: Sweep,
  memory: MemoryStrategy,
): Promise<MeanEstimate | undefined> {
  if (tasks.length < 2) return undefined;
  const known = kernels.recorded.mean(sweep, memory, tasks.length),
    recorded = isPromise(known) ? await known : known;
  if (!recorded) return undefined;
  const placed = tasks.map((task, i) => kernels.placeTask(task, i)),
    answer = kernels.executor.readAll(recorded.run(kernels.placeTheta(theta), placed)),
    arrays = isPromise(answer) ? await answer : answer,
    { shape, counts, peakStates } = recorded;
  return { loss: arrays[0].data[0], gradient: kernels.thetaTree(gather(arrays, shape)[0]), counts, peakStates, estimates: [] };
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

async function runCallByCall(
  kernels: Kernels,
  place: Place,
  sweeps: readonly Sweep[],
  memory: MemoryStrategy,
  started: number,
): Promise<Unrolled> {
  let turnedAt = started;
  const pass = new Pass(place, sweeps, () => {
    turnedAt = performance.now();
  });
  try {
    const passed = await pass.run(kernels.steps, memory),
      back = secondsSince(turnedAt),
      { buffers, shape } = listed(passed),
      arrays = await kernels.executor.readAll(buffers);
    return {
      loss: arrays[0].data[0],
      gradients: gather(arrays, shape),
      counts: passed.counts,
      peakStates: passed.peakStates,
      seconds: { total: secondsSince(started), forward: (turnedAt - started) / 1000, back },
    };
  } finally {
    pass.release();
  }
}

/** The gradients among what was read. */
const gather = (arrays: readonly HostArray[], shape: OutcomeShape): LeafGradients[] =>
  shape.map(positions => positions.map(at => (at === undefined ? undefined : arrays[at])));

/** Arithmetic operations of a pass, in units of an inner step's: counted from the programs, so that they are the same on every machine. */
export function workOf(kernels: Kernels, sweeps: readonly Sweep[], memory: MemoryStrategy): number {
  const starts = sweeps.length * kernels.work("initPullback");
  return kernels.work("init") + kernels.steps + kernels.work("outer") + backWork(kernels, sweeps, memory) + starts;
}

/** The part of it between φ_r and the start: steps taken again, and products. */
export const backWork = (kernels: Kernels, sweeps: readonly Sweep[], memory: MemoryStrategy): number =>
  memory.extraSteps(deepest(sweeps)) + sweeps.reduce((sum, { depth, program }) => sum + (depth && depth * kernels.work(program)), 0);
