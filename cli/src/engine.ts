import type { Checkpoint, Executor, FloatType, Problem, Solve } from "ufom";
import type { NativeInfo } from "ufom/internal/executors/executor";
import type { ExecutorChoice } from "ufom/internal/executors/choose";
import type { ProgramDescription } from "ufom/internal/executors/wasm/describe";
import type { Program } from "ufom/internal/program/program";
import type { Saved } from "ufom/internal/files/saved-state";
import { UsageError } from "./failure.js";
import type { BestTheta } from "./problems/problem-entry.js";
import type { ExecutorName } from "ufom/internal/executors/names";
import { auto, type Settings } from "./settings.js";

// The one place where the command meets the library; loaded where it is used, so that help and lists stay fast.

export type { Checkpoint };

/** The canonical spelling of an estimator. @throws an error in one sentence if there is none of that spelling, or it is no more than a part of others */
export async function canonicalEstimator(text: string): Promise<string> {
  if (text === auto) return auto;
  const [{ parseEstimator }, { refuseAlone }] = await Promise.all([
    import("ufom/internal/core/estimators/index"),
    import("ufom/internal/core/estimators/only-as-part"),
  ]);
  const estimator = parseEstimator(text);
  refuseAlone("--estimator", estimator);
  return estimator.name;
}

/** Checks the spelling of an outer transform. @throws an error in one sentence if there is none of that spelling */
export async function checkOuter(text: string): Promise<void> {
  const { parseOuter } = await import("ufom/internal/core/outer/index");
  parseOuter(text);
}

/** The spellings that --estimator and --outer accept. */
export async function spellings() {
  const [{ estimatorSpellings }, { memorySpellings }, { outerSpellings, rateSpellings }] = await Promise.all([
    import("ufom/internal/core/estimators/index"),
    import("ufom/internal/core/memory/index"),
    import("ufom/internal/core/outer/index"),
  ]);
  const pick = (list: readonly { readonly spelling: string; readonly summary: string }[]) =>
    list.map(({ spelling, summary }) => ({ spelling, summary }));
  const chosen = {
    spelling: auto,
    summary: "what a short diagnosis of the problem recommends, unbiased; looked at again where the run drifts from what it said",
  };
  return {
    estimators: [...pick(estimatorSpellings), chosen],
    memory: pick(memorySpellings),
    outer: pick(outerSpellings),
    rates: pick(rateSpellings),
  };
}

/** What a run needs that is not in its settings. */
export interface RunContext {
  readonly executor: Executor;
  readonly signal: AbortSignal;
  readonly resume?: Checkpoint;
  /** Told what `auto` does. */
  readonly progress?: (text: string) => void;
}

/** Starts the outer loop of a run; in an object, for a promise of the run itself would wait for its end. */
export async function startSolve(problem: Problem, settings: Settings, context: RunContext): Promise<{ readonly run: Solve }> {
  const { solve } = await import("ufom");
  const { estimator, outer, metaBatch, outerSteps, innerSteps, seed, dtype, workers, budget, stopAfter } = settings;
  return {
    run: solve(problem, {
      estimator,
      outer,
      metaBatch,
      outerSteps,
      innerSteps,
      seed,
      dtype,
      workers,
      budget,
      stopAfter,
      moments: true,
      ...context,
    }),
  };
}

/** What a run whose θ is judged by a figure of the problem's should not end without saying. */
export async function lossWarning({ best }: Checkpoint): Promise<string | undefined> {
  const { figuresOf, warningOf } = await import("ufom/internal/core/solve/best");
  return warningOf(figuresOf(best), false);
}

/** The best θ so far of a run. */
export async function bestIn({ best }: Checkpoint): Promise<BestTheta> {
  const { bestOf } = await import("ufom/internal/core/solve/best");
  return bestOf(best);
}

/** Makes an executor by name, and says why it was chosen. */
export async function openExecutor(
  name: ExecutorName,
  native?: Pick<NativeInfo, "path" | "threads" | "threshold">,
): Promise<ExecutorChoice> {
  const { chooseExecutor } = await import("ufom/internal/executors/choose");
  return chooseExecutor(name, [], native && { path: native.path, threads: native.threads, threshold: native.threshold });
}

/**
 * The library of --native where so many tasks are computed side by side, loaded and measured.
 * @throws an error in one sentence if there is none, or the executor takes none
 */
export async function openNative(executor: ExecutorName, given: true | string, tasks: number): Promise<NativeInfo> {
  const [{ chooseExecutor }, { besideOthers }] = await Promise.all([
      import("ufom/internal/executors/choose"),
      import("ufom/internal/executors/native/options"),
    ]),
    chosen = chooseExecutor(executor, [], besideOthers(given === true ? {} : { path: given }, tasks));
  chosen.executor.dispose();
  return chosen.executor.native!;
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
  /** Of a step that keeps residuals: their bytes. */
  readonly residualBytes?: number;
}

/** The programs of a problem, in the order in which a gradient uses them; then those of its forms that keep residuals, where that is worth while. */
export async function inspectPrograms(problem: Problem, dtype: FloatType, seed: number, native?: NativeInfo): Promise<InspectedProgram[]> {
  const [{ definitions, mixed, pullback }, { costOf }, { hashProgram }, { describeProgram }] = await Promise.all([
    import("ufom/internal/core/problem/definitions"),
    import("ufom/internal/program/cost"),
    import("ufom/internal/program/hash"),
    import("ufom/internal/executors/wasm/describe"),
  ]);
  const programs = problem.programs({ theta: problem.theta(seed), task: await problem.task(seed, 1, 0) }, dtype);
  const keeping = [pullback, mixed].flatMap(product => {
    const kept = programs.kept([product]);
    return kept ? [{ definition: kept.step, residualBytes: kept.bytes }, { definition: kept.products.get(product)!.definition }] : [];
  });
  return [...definitions.map(definition => ({ definition })), ...keeping].map(({ definition, ...more }) => {
    const { name } = definition,
      { program } = programs.of(definition),
      { flops, bytes } = costOf(program);
    return { name, program, hash: hashProgram(program), flops, bytes, wasm: describeProgram(program, native?.threshold), ...more };
  });
}

/** A program as text, one node a line. */
export async function printed(program: Program): Promise<string> {
  const { printProgram } = await import("ufom/internal/program/print");
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
