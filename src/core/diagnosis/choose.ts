import { effortOf } from "../../program/effort.js";
import { fail } from "../../tensor/error.js";
import { quantity } from "../../tensor/quantity.js";
import type { HostTree } from "../../tensor/types.js";
import { evaluations } from "../counts.js";
import { parseEstimator } from "../estimators/parse.js";
import { adaptive } from "../estimators/probability.js";
import { ufom } from "../estimators/ufom.js";
import { CompiledProblem } from "../evaluation/compiled-problem.js";
import { step } from "../problem/definitions.js";
import type { Problem } from "../problem/problem.js";
import { stream } from "../random/index.js";
import type { AutoChoice, Expected } from "../solve/auto-choice.js";
import type { RunIdentity } from "../solve/checkpoint.js";
import type { Budget, SolveContext } from "../solve/options.js";
import { diagnoseWith } from "./diagnose.js";
import { isExact } from "./predict.js";
import { shown } from "./recommend.js";
import type { Diagnosis } from "./result.js";

/** All diagnoses of a run together take at most this part of its evaluations; each at most half of what is left of it. */
export const SHARE = 0.2;
/** Where `diagnose` has more: it is to be short. */
const SHORT = { tasks: 64, precision: 0.2, resamples: 400 } as const;
/** Units of `effortOf` in a second, about. */
const PER_SECOND = 1e9;

/** What a run is, for who chooses its estimator. */
export interface ChooseContext {
  readonly problem: Problem;
  readonly identity: RunIdentity;
  readonly outerSteps: number;
  readonly budget: Budget;
  readonly context: SolveContext;
  readonly signal?: AbortSignal;
}

/** A θ of the run at which it is to be chosen. */
export interface At {
  readonly theta: HostTree;
  /** Outer steps done. */
  readonly index: number;
  /** Evaluations that the diagnosis may take, of all diagnoses before. */
  readonly spent: number;
  /** Evaluations that a task must be allowed, as is known from the first diagnosis. */
  readonly each?: number;
  readonly drift?: string;
  /** What is not to be taken again, as the run showed that it spares nothing. */
  readonly avoided?: string;
}

/** A choice, and what the run is then expected to show. */
export interface Chosen {
  readonly choice: AutoChoice;
  readonly expected: Expected;
  readonly each: number;
  /** The most states held on the way. */
  readonly peakStates: number;
}

/** What the run is planned to take, in evaluations: counted from its limits, so that the clock decides nothing. */
function lengthOf({ outerSteps, budget, identity }: ChooseContext, compiled: CompiledProblem): number {
  const { metaBatch } = identity,
    one = 2 * compiled.steps + 1,
    steps = outerSteps < Number.MAX_SAFE_INTEGER ? outerSteps * metaBatch * one : Infinity,
    seconds = ((budget.seconds ?? Infinity) * PER_SECOND) / Math.max(1, effortOf(compiled.programs.of(step).program));
  return Math.min(steps, budget.evaluations ?? Infinity, seconds);
}

/** What was measured, in a sentence or two. */
function measuredOf(found: Diagnosis, at: At, length: number): string {
  const { candidates, loop, tasks, resampled, counts } = found,
    n = evaluations(counts),
    where = `${resampled === "points" ? "the task" : quantity(tasks, "task")} ${at.index ? `after ${quantity(at.index, "outer step")}` : "at θ₀"}`,
    ratios = candidates.filter(({ name }) => name !== "zero").map(({ name, ratio }) => `${name} ${shown(ratio)}`),
    curvature = loop.length ? `; α λ_max at most ${Number(Math.max(...loop.map(one => one.curvature.high)).toPrecision(2))}` : "";
  return `${where}, ${quantity(n, "evaluation")}, ${Number(((100 * n) / length).toPrecision(2))} % of the run: D²/V² of ${ratios.join(", ") || "no baseline"}${curvature}.`;
}

/**
 * What is taken of a recommendation: itself if it is unbiased. A candidate that was the exact gradient wherever it was looked at keeps a coin, which costs
 * little and sees where it is not.
 */
function unbiasedOf(
  { recommended, reason, predictions }: Diagnosis,
  avoided: string | undefined,
): { estimator: string; baseline?: string; reason: string } {
  const given = parseEstimator(recommended),
    cheapest = predictions
      .filter(one => isExact(one) && one.fits)
      .reduce((a, b) => (b.time["1"].value < a.time["1"].value ? b : a)).estimator;
  if (given.name === avoided)
    return { estimator: cheapest, reason: `${cheapest}: ${avoided} is recommended again, but in this run it spared next to nothing.` };
  if (given.facts.bias === "none") {
    const { baseline } = predictions.find(({ estimator }) => estimator === recommended) ?? {};
    return { estimator: given.name, reason, ...(baseline === undefined ? {} : { baseline }) };
  }
  const { name } = ufom(adaptive(), { baseline: given, target: parseEstimator(cheapest) });
  return {
    estimator: name,
    baseline: recommended,
    reason: `${name}: ${recommended} was the exact gradient wherever it was looked at (D² = 0), which another θ may change: a coin now and then looks.`,
  };
}

/**
 * Diagnoses a problem at a θ of a run, shortly, and chooses an unbiased estimator for what comes. Tasks and draws are of streams of its own.
 *
 * @returns nothing where too little is left of what diagnoses may take
 * @throws if the run is too short for a first diagnosis, or has no length
 */
export async function choose(run: ChooseContext, at: At): Promise<Chosen | undefined> {
  const { problem, identity, context, signal } = run,
    { seed, dtype, innerSteps, metaBatch } = identity,
    { executor, team } = context,
    started = performance.now(),
    example = { theta: at.theta, task: await problem.draw(seed, 1, 0) },
    compiled = new CompiledProblem(problem, example, { executor, dtype, innerSteps });
  try {
    const length = lengthOf(run, compiled);
    if (length === Infinity)
      fail(
        "solve's estimator auto",
        "needs outerSteps or a budget, which say how much a diagnosis may take of the run",
        "a run without a limit",
      );
    const allowed = Math.floor((SHARE * length - at.spent) / 2);
    if (at.each !== undefined && allowed < 2 * at.each) return undefined;
    const tooShort = (needed: number): never =>
        fail(
          "solve's estimator auto",
          `needs a run of which ${(100 * SHARE) / 2} % are enough for its diagnosis, ${quantity(Math.ceil(needed), "evaluation")} (more outerSteps or budget.evaluations; or one estimator by name)`,
          `one of about ${quantity(Math.floor(length), "evaluation")}`,
        ),
      budget = { evaluations: Math.max(1, allowed) },
      found = await diagnoseWith(
        { problem, compiled, theta: at.theta },
        {
          ...SHORT,
          seed: stream(seed, "auto's diagnosis", at.index).integer(2 ** 32),
          metaBatch,
          budget,
          clock: false,
          metasmoothness: false,
          signal,
        },
        { executor, team, tooLittle: tooShort },
      ),
      { estimator, baseline, reason } = unbiasedOf(found, at.avoided),
      { v2, gradient, candidates, memory, target, counts } = found,
      ratio = candidates.find(({ name }) => name === baseline)?.ratio,
      mean = (of: "low" | "high") => (v2[of] + (metaBatch - 1) * gradient[of] * gradient[of]) / metaBatch;
    return {
      choice: {
        index: at.index,
        estimator,
        ...(at.drift === undefined ? {} : { drift: at.drift }),
        measured: measuredOf(found, at, length),
        reason,
        counts,
        seconds: (performance.now() - started) / 1000,
      },
      expected: {
        ...(ratio ? { ratio: [ratio.low, ratio.high] as const } : {}),
        v2: [v2.low, v2.high],
        square: [mean("low"), mean("high")],
      },
      each: Math.ceil(evaluations(counts) / found.tasks),
      peakStates: memory.strategies.find(one => one.estimator === target)?.states ?? 1,
    };
  } finally {
    compiled.dispose();
  }
}
