import type { HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import { noCounts } from "../counts.js";
import type { SweepEstimator } from "../estimators/sweep-estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Problem } from "../problem/problem.js";
import { solveWith } from "../solve/solve.js";
import type { DiagnoseContext, DiagnoseOptions } from "./options.js";

/** A θ at which gradients are compared. */
export interface Point {
  /** Outer steps done. */
  readonly step: number;
  readonly theta: HostTree;
}

/** The θ along a short run, and what that took. */
export interface Points {
  readonly points: readonly Point[];
  readonly counts: Counts;
  readonly notes: readonly string[];
}

/** Steps from 0 to the last, as evenly apart as whole numbers are. */
export const stepsOfPoints = (outerSteps: number, points: number): number[] => [
  ...new Set(
    Array.from({ length: Math.max(points, 2) }, (_, i) => Math.round((outerSteps * i) / (Math.max(points, 2) - 1))).slice(
      0,
      outerSteps === 0 ? 1 : points,
    ),
  ),
];

/** What the run is limited by. */
interface RunLimits {
  readonly outerSteps: number;
  readonly points: number;
  readonly seconds?: number;
  readonly evaluations?: number;
}

/**
 * θ along a run of outer steps by the exact gradient, from θ₀ to its end. A run that diverges, or whose budget is spent, gives what it had; that is told.
 */
export async function pointsAlong(
  problem: Problem,
  compiled: CompiledProblem,
  theta: HostTree,
  estimator: SweepEstimator,
  { outer, metaBatch, seed, signal, progress }: Pick<DiagnoseOptions, "outer" | "metaBatch" | "seed" | "signal" | "progress">,
  { outerSteps, points, seconds, evaluations }: RunLimits,
  context: DiagnoseContext,
): Promise<Points> {
  const start = { step: 0, theta };
  if (outer === undefined || outerSteps === 0) return { points: [start], counts: noCounts, notes: [] };
  const wanted = new Set(stepsOfPoints(outerSteps, points)),
    budget = { ...(seconds === undefined ? {} : { seconds }), ...(evaluations === undefined ? {} : { evaluations }) },
    { dtype, steps: innerSteps } = compiled,
    options = { estimator, outer, outerSteps, metaBatch, seed, dtype, innerSteps, theta, budget, signal },
    run = solveWith(problem, options, context),
    found: Point[] = [start];
  for await (const { index } of run) {
    if (index % 8 === 0) progress?.(`outer step ${index} of ${outerSteps}`);
    if (wanted.has(index)) found.push({ step: index, theta: run.theta });
  }
  const { outcome, message, outerSteps: done, theta: last, counts } = await run.result();
  signal?.throwIfAborted();
  if (done > found[found.length - 1].step) found.push({ step: done, theta: last });
  const notes =
    outcome === "diverged" || outcome === "budget"
      ? [`The run along which θ was looked at ended after ${done} of ${outerSteps} outer steps: ${message}`]
      : [];
  return { points: found, counts, notes };
}
