import type { Counts } from "../counts.js";
import { noCounts } from "../counts.js";
import type { SweepEstimator } from "../estimators/sweep-estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Pauses } from "../evaluation/pauses.js";
import { pullback } from "../problem/definitions.js";
import type { StepResult } from "./along-loop.js";
import { alongLoop, evaluationsAlong, isDescent } from "./along-loop.js";
import type { DiagnoseOptions } from "./options.js";
import type { Point } from "./points.js";
import type { Tasks } from "./tasks.js";

/** Inner steps that are looked at along the loop where nothing is said, and tasks at the first and the last θ. */
const LOOP = { steps: 6, tasks: 4 } as const;
/** What this may take, in units of `effortOf`; and of a budget of evaluations. */
const EFFORT = 10e9,
  SHARE = 0.5;

/** What the inner loop is looked at with. */
interface LoopGrounds {
  readonly compiled: CompiledProblem;
  readonly target: SweepEstimator;
  readonly points: readonly Point[];
  readonly tasks: Tasks;
  readonly seed: number;
  /** Whether there is one task only. */
  readonly alone: boolean;
  /** The effort of an inner step. */
  readonly unit: number;
  /** What is left of the budget; Infinity where it has no such limit. */
  readonly left: { readonly seconds: number; readonly evaluations: number };
}

/** What is to be looked at along the inner loop, and what that takes; or why nothing is. */
export interface LoopLook {
  readonly steps: number;
  readonly points: readonly Point[];
  /** Tasks at each of them. */
  readonly each: number;
  readonly evaluations: number;
  readonly notes: readonly string[];
}

/** Decides what is looked at along the inner loop: if it can be, and is not too dear. */
export function planLook(
  { compiled, target, points, tasks, alone, unit, left }: LoopGrounds,
  { loopSteps: wanted = LOOP.steps }: DiagnoseOptions,
): LoopLook {
  const none = (...notes: string[]): LoopLook => ({ steps: 0, points: [], each: 0, evaluations: 0, notes });
  if (wanted === 0 || compiled.steps === 0) return none();
  if (!isDescent(compiled.programs))
    return none("Curvature along the inner loop was not looked at: its steps are no gradient descent with one step size.");
  const ends = points.length > 1 ? [points[0], points[points.length - 1]] : points,
    steps = Math.min(wanted, compiled.steps),
    products = (steps + 2) * compiled.steps * compiled.work(pullback),
    one = evaluationsAlong(compiled, target, steps) * ends.length,
    // How long it takes is not known before, so that a budget of seconds is left to what must be known.
    most = Number.isFinite(left.seconds) ? 0 : SHARE * left.evaluations,
    each = [alone ? 1 : Math.min(LOOP.tasks, tasks.count), 2, 1].find(n => n * one <= most && products * unit * n * ends.length <= EFFORT);
  if (each === undefined)
    return none("Curvature along the inner loop was not looked at: its products are many beside what the diagnosis may take.");
  return { steps, points: ends, each, evaluations: each * one, notes: [] };
}

/** Looks along the inner loop as planned. */
export async function lookAlong(
  { compiled, target, tasks, seed, alone }: LoopGrounds,
  { steps, points, each, notes }: LoopLook,
  progress: DiagnoseOptions["progress"],
  pauses: Pauses,
): Promise<{ readonly steps: readonly StepResult[]; readonly counts: Counts; readonly notes: readonly string[] }> {
  if (each === 0) return { steps: [], counts: noCounts, notes };
  progress?.("the inner loop");
  return { ...(await alongLoop(compiled, { target, steps, points, tasks, each, seed, alone }, pauses)), notes };
}
