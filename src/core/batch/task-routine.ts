import { sumOverCalls } from "../../executors/executor.js";
import type { Buffer, Routine } from "../../executors/executor.js";
import { effortOf } from "../../program/effort.js";
import { leafTypes } from "../../tensor/trace.js";
import type { HostArray, Type } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { Choice, Estimator } from "../estimators/estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { countsOf } from "../evaluation/compiled-problem.js";
import { Place } from "../evaluation/place.js";
import { Recorder, TooLong } from "../evaluation/recorder.js";
import { leavesOf } from "./mean.js";

/** A plan as a part of a task's routine. */
export interface TaskPlan {
  readonly counts: Counts;
  readonly work: number;
  readonly peakStates: number;
  /** The leaves of θ that it has a gradient for. */
  readonly leaves: readonly number[];
  readonly carry: readonly { readonly name: string; readonly types: readonly Type[] }[];
  /** Names of its arrays, and their types, in the order in which the routine takes them. */
  readonly names: readonly string[];
  readonly arrays: readonly Type[];
  /** Its loss, its gradient's leaves and what it carries, among the routine's outputs. */
  readonly from: number;
  readonly to: number;
  readonly lossType: Type;
  readonly effort: number;
}

/**
 * The evaluation of one task as a routine that anybody may run who has its programs: it is given θ, then the task's leaves, or the number of steps
 * done and the place in the meta-batch where a program draws the task, then the arrays of each plan, then what is borrowed.
 */
export interface TaskRoutine {
  readonly routine: Routine;
  /** What lies in the executor's memory already, the last of its inputs; always the same numbers. */
  readonly borrowed: readonly Buffer[];
  readonly plans: readonly TaskPlan[];
  /** Leaves that one of the plans has a gradient for. */
  readonly leaves: readonly number[];
  /** Whether a program draws the task: part 0, before those of the plans. */
  readonly sampled: boolean;
}

const count: Type = { shape: [], dtype: "int32" };

/**
 * Writes the evaluation of one task down.
 *
 * @param choices one of each plan that may be drawn
 * @param key of the program that draws tasks; none where they are given
 * @param signal of who asks for it
 * @returns nothing where it is too long or too large to be a routine
 */
export async function recordTask(
  compiled: CompiledProblem,
  estimator: Estimator,
  choices: readonly Choice[],
  key?: HostArray,
  signal?: AbortSignal,
): Promise<TaskRoutine | undefined> {
  try {
    return await record(compiled, estimator, choices, key, signal);
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

async function record(
  compiled: CompiledProblem,
  estimator: Estimator,
  choices: readonly Choice[],
  key: HostArray | undefined,
  signal: AbortSignal | undefined,
): Promise<TaskRoutine> {
  const { programs } = compiled,
    recorder = new Recorder(compiled, signal),
    sampling = key && compiled.sampling,
    theta = recorder.inputs(programs.thetaTypes),
    types = leafTypes(programs.task),
    given = recorder.inputs(sampling ? [count, count] : types),
    arrays = choices.map(choice => recorder.inputs(Object.values(choice.arrays).flat()));
  let task = given;
  if (sampling) {
    task = types.map(type => recorder.own(type));
    recorder.into(await sampling.executable, [recorder.constant(key), ...given], task);
    recorder.part();
  }
  const plans: Omit<TaskPlan, "effort">[] = [],
    outputs: Buffer[] = [];
  for (const [p, choice] of choices.entries()) {
    const names = Object.keys(choice.arrays);
    let at = 0;
    const named = Object.fromEntries(names.map(name => [name, arrays[p].slice(at, (at += choice.arrays[name].length))])),
      { loss, gradient, peakStates, carry = {} } = await estimator.evaluate(new Place(recorder, theta, task), choice.plan, named),
      { steps, tally } = recorder.pattern(),
      leaves = leavesOf([gradient]),
      from = outputs.length;
    recorder.repeat(steps, new Map());
    recorder.part();
    outputs.push(loss, ...leaves.map(leaf => gradient[leaf]!), ...Object.values(carry).flat());
    plans.push({
      counts: countsOf(tally),
      work: compiled.workOf(tally),
      peakStates: peakStates ?? 1,
      leaves,
      carry: Object.entries(carry).map(([name, values]) => ({ name, types: values.map(typeOf) })),
      names,
      arrays: arrays[p].map(typeOf),
      from,
      to: outputs.length,
      lossType: typeOf(loss),
    });
    recorder.freeAll();
  }
  const { routine, borrowed } = recorder.routine(outputs),
    parts = routine.parts.slice(sampling ? 1 : 0);
  return {
    routine,
    borrowed,
    plans: plans.map((plan, p) => ({ ...plan, effort: sumOverCalls(parts[p], ({ executable }) => effortOf(executable.program)) })),
    leaves: leavesOf(plans.map(plan => gradientOf(plan.leaves))),
    sampled: sampling !== undefined,
  };
}

const typeOf = ({ shape, dtype }: Type): Type => ({ shape, dtype });

/** Leaves as `leavesOf` takes them. */
function gradientOf(leaves: readonly number[]): (Type | undefined)[] {
  const gradient: (Type | undefined)[] = [];
  for (const leaf of leaves) gradient[leaf] = count;
  return gradient;
}
