import type { Buffer, LinkedRoutine } from "../../executors/executor.js";
import type { Type } from "../../tensor/types.js";
import type { LeafBuffers } from "../estimators/estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import { Recorder, TooLong } from "../evaluation/recorder.js";
import { byLeaf, firstSum, meanOf, nextSum } from "./mean.js";
import type { Continuation } from "./recorded-batch.js";

/** The mean over tasks that others computed, in their order, and what is done with it: the same programs as where a batch is one routine. */
export interface MeanRoutine {
  /** The places of one task's loss and gradient leaves, one after another in memory: to be written before each `add`. */
  readonly incoming: readonly Buffer[];
  /** Adds what lies there; the tasks come in order. */
  add(theta: State, inputs: State): void;
  /** Divides by the number of tasks and goes on with the mean. What it gives holds until the next. */
  end(theta: State, inputs: State): { readonly loss: Buffer; readonly gradient: LeafBuffers; readonly continued: State };
  /** Forgets what was added. */
  reset(): void;
  dispose(): void;
}

/**
 * Writes the mean over `n` tasks down.
 *
 * @param leaves of θ that a task brings a gradient for
 * @returns nothing where it is too large to be a routine, or the executor makes none
 */
export async function recordMean(
  compiled: CompiledProblem,
  lossType: Type,
  leaves: readonly number[],
  n: number,
  continuation?: Continuation,
): Promise<MeanRoutine | undefined> {
  try {
    return compiled.executor.link && (await record(compiled, lossType, leaves, n, continuation));
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

async function record(
  compiled: CompiledProblem,
  lossType: Type,
  leaves: readonly number[],
  n: number,
  continuation: Continuation | undefined,
): Promise<MeanRoutine> {
  const { programs } = compiled,
    recorder = new Recorder(compiled),
    theta = recorder.inputs(programs.thetaTypes),
    more = continuation?.inputs(recorder) ?? [],
    types = leaves.map(leaf => programs.thetaTypes[leaf]),
    incoming = [lossType, ...types].map(type => recorder.own(type)),
    // Sums take turns in two places, as a program writes to none of its inputs.
    sums = [0, 1].map(() => [lossType, ...types].map(({ shape }) => recorder.own({ shape, dtype: "float64" })));
  recorder.into(await compiled.executable(firstSum, [incoming]), incoming, sums[0]);
  recorder.part();
  for (const k of [0, 1]) {
    const before = sums[k];
    recorder.into(await compiled.executable(nextSum, [before, incoming]), [...before, ...incoming], sums[1 - k]);
    recorder.part();
  }
  const last = sums[(n - 1) % 2],
    likes = leaves.map(leaf => recorder.constant(programs.zeros(leaf))),
    mean = [{ shape: lossType.shape, dtype: "float64" } as const, ...types].map(type => recorder.own(type));
  recorder.into(await compiled.executable(meanOf(n), [last, likes]), [...last, ...likes], mean);
  const continued = (await continuation?.record(recorder, theta, more, { loss: mean[0], gradient: byLeaf(leaves, mean.slice(1)) })) ?? [],
    end = recorder.part(),
    { routine, borrowed } = recorder.routine([...incoming, ...mean, ...continued]),
    linked: LinkedRoutine = compiled.executor.link!(routine);
  let given: readonly Buffer[] = [],
    lastTheta: State | undefined,
    lastInputs: State | undefined,
    added = 0;
  const bring = (t: State, inputs: State): readonly Buffer[] => {
    if (t !== lastTheta || inputs !== lastInputs) {
      given = [...t, ...inputs, ...borrowed];
      [lastTheta, lastInputs] = [t, inputs];
    }
    return given;
  };
  const parts = [[0], [1], [2], [end]];
  return {
    // Places of the routine's own stay where they are.
    incoming: linked.outputs.slice(0, incoming.length),
    add(t, inputs) {
      linked.run(bring(t, inputs), parts[added === 0 ? 0 : 1 + ((added - 1) % 2)], false);
      added++;
    },
    end(t, inputs) {
      added = 0;
      const found = linked.run(bring(t, inputs), parts[3], false).slice(incoming.length);
      return { loss: found[0], gradient: byLeaf(leaves, found.slice(1, 1 + leaves.length)), continued: found.slice(1 + leaves.length) };
    },
    reset() {
      added = 0;
    },
    dispose() {
      linked.dispose();
    },
  };
}
