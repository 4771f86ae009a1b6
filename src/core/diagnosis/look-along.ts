import type { Counts } from "../counts.js";
import { noCounts } from "../counts.js";
import type { SweepEstimator } from "../estimators/sweep-estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Pauses } from "../evaluation/pauses.js";
import { pullback } from "../problem/definitions.js";
import type { StepResult } from "./along-loop.js";
import { alongLoop, isDescent } from "./along-loop.js";
import type { DiagnoseOptions } from "./options.js";
import type { Point } from "./points.js";
import type { Tasks } from "./tasks.js";

/** Inner steps that are looked at along the loop where nothing is said, and tasks at the first and the last θ. */
const LOOP = { steps: 6, tasks: 4 } as const;
/** What this may take, in units of `effortOf`. */
const EFFORT = 10e9;

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
  /** Whether the diagnosis has a budget, which is left to what it must know. */
  readonly limited: boolean;
}

/** What is looked at along the inner loop, if it can be and is not too dear. */
export async function lookAlong(
  { compiled, target, points, tasks, seed, alone, unit, limited }: LoopGrounds,
  { loopSteps: wanted = LOOP.steps, progress }: DiagnoseOptions,
  pauses: Pauses,
): Promise<{ readonly steps: readonly StepResult[]; readonly counts: Counts; readonly notes: readonly string[] }> {
  const none = (...notes: string[]) => ({ steps: [], counts: noCounts, notes });
  if (wanted === 0 || compiled.steps === 0) return none();
  if (!isDescent(compiled.programs))
    return none("Curvature along the inner loop was not looked at: its steps are no gradient descent with one step size.");
  const ends = points.length > 1 ? [points[0], points[points.length - 1]] : points,
    each = alone ? 1 : Math.min(LOOP.tasks, tasks.count),
    products = (Math.min(wanted, compiled.steps) + 2) * compiled.steps * compiled.work(pullback);
  if (limited || products * unit * each * ends.length > EFFORT)
    return none("Curvature along the inner loop was not looked at: its products are many beside what the diagnosis may take.");
  progress?.("the inner loop");
  return { ...(await alongLoop(compiled, { target, steps: wanted, points: ends, tasks, each, seed, alone }, pauses)), notes: [] };
}
