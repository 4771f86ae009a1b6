import type { Executor } from "../executors/executor.js";
import type { Problem } from "../core/problem/problem.js";
import type { Checkpoint } from "../core/solve/checkpoint.js";
import type { Solve } from "../core/solve/options.js";
import type { ExecutorChoice } from "../executors/choose.js";
import type { ProgramDescription } from "../executors/wasm/describe.js";
import type { Program } from "../program/program.js";
import type { FloatType } from "../tensor/types.js";
import type { Saved } from "../files/saved-state.js";
import { UsageError } from "./failure.js";
import type { ExecutorName } from "../executors/names.js";
import type { Settings } from "./settings.js";

// The one place where the command meets the library; loaded where it is used, so that help and lists stay fast.

export type { Checkpoint };

/** The canonical spelling of an estimator. @throws an error in one sentence if there is none of that spelling */
export async function canonicalEstimator(text: string): Promise<string> {
  const { parseEstimator } = await import("../core/estimators/index.js");
  return parseEstimator(text).name;
}

/** Checks the spelling of an outer transform. @throws an error in one sentence if there is none of that spelling */
export async function checkOuter(text: string): Promise<void> {
  const { parseOuter } = await import("../core/outer/index.js");
  parseOuter(text);
}

/** The spellings that --estimator and --outer accept. */
export async function spellings() {
  const [{ estimatorSpellings }, { memorySpellings }, { outerSpellings, rateSpellings }] = await Promise.all([
    import("../core/estimators/index.js"),
    import("../core/memory/index.js"),
    import("../core/outer/index.js"),
  ]);
  const pick = (list: readonly { readonly spelling: string; readonly summary: string }[]) =>
    list.map(({ spelling, summary }) => ({ spelling, summary }));
  return { estimators: pick(estimatorSpellings), memory: pick(memorySpellings), outer: pick(outerSpellings), rates: pick(rateSpellings) };
}

/** What a run needs that is not in its settings. */
export interface RunContext {
  readonly executor: Executor;
  readonly signal: AbortSignal;
  readonly resume?: Checkpoint;
}

/** Starts the outer loop of a run. */
export async function startSolve(problem: Problem, settings: Settings, context: RunContext): Promise<Solve> {
  const [{ solve }, { parseOuter }] = await Promise.all([import("../api.js"), import("../core/outer/index.js")]);
  const { estimator, outer, metaBatch, outerSteps, innerSteps, seed, dtype, budget } = settings;
  return solve(problem, { estimator, outer: parseOuter(outer), metaBatch, outerSteps, innerSteps, seed, dtype, budget, ...context });
}

/** Makes an executor by name, and says why it was chosen. */
export async function openExecutor(name: ExecutorName): Promise<ExecutorChoice> {
  const { chooseExecutor } = await import("../executors/choose.js");
  return chooseExecutor(name);
}

/** Whether θ enters inner steps only, so that the plain first-order gradient is zero. */
export async function firstOrderVanishes(problem: Problem, dtype: FloatType, seed: number): Promise<boolean> {
  const programs = problem.programs({ theta: problem.theta(seed), task: await problem.task(seed, 1, 0) }, dtype);
  return programs.firstOrderVanishes;
}

/** A program of a problem, and what it costs. */
export interface InspectedProgram {
  readonly name: string;
  readonly program: Program;
  readonly hash: string;
  /** Counted from shapes, before fusion. */
  readonly flops: number;
  readonly bytes: number;
  /** The kernels that the wasm executor compiles it to. */
  readonly wasm: ProgramDescription;
}

/** The programs of a problem, in the order in which a gradient uses them. */
export async function inspectPrograms(problem: Problem, dtype: FloatType, seed: number): Promise<InspectedProgram[]> {
  const [{ definitions }, { costOf }, { hashProgram }, { describeProgram }] = await Promise.all([
    import("../core/problem/definitions.js"),
    import("../program/cost.js"),
    import("../program/hash.js"),
    import("../executors/wasm/describe.js"),
  ]);
  const programs = problem.programs({ theta: problem.theta(seed), task: await problem.task(seed, 1, 0) }, dtype);
  return definitions.map(definition => {
    const { name } = definition,
      { program } = programs.of(definition),
      { flops, bytes } = costOf(program);
    return { name, program, hash: hashProgram(program), flops, bytes, wasm: describeProgram(program) };
  });
}

/** A program as text, one node a line. */
export async function printed(program: Program): Promise<string> {
  const { printProgram } = await import("../program/print.js");
  return printProgram(program);
}

/** The state in a run's folder. @throws UsageError if it is not one that `solve` made */
export function checkpointOf(state: Saved, folder: string): Checkpoint {
  const checkpoint = state as unknown as Partial<Checkpoint> | null;
  if (typeof checkpoint !== "object" || checkpoint === null || !Number.isSafeInteger(checkpoint.index)) {
    throw new UsageError(`ufom: the checkpoint in ${folder} must hold the state of a run; it does not.`);
  }
  return checkpoint as Checkpoint;
}
