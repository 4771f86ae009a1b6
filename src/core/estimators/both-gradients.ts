import type { Buffer } from "../../executors/executor.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import type { Place } from "../evaluation/place.js";
import { recompute } from "../memory/index.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import type { KeptSteps } from "../unroll/kept.js";
import { keptSteps } from "../unroll/kept.js";
import type { Sweep } from "../unroll/pass.js";
import { pass } from "../unroll/pass.js";
import type { Arrays, ArraysAt, Costs, Data, Estimator, LeafBuffers } from "./estimator.js";
import { partOf, prefixed } from "./part-arrays.js";
import type { SweepEstimator } from "./sweep-estimator.js";
import { statesOfPass, workOfPass } from "./sweep-estimator.js";

export const isSweep = (estimator: Estimator): estimator is SweepEstimator => "sweep" in estimator && "memory" in estimator;

/** The plans of a baseline and a target. */
export interface BothPlans {
  /** Whether the target was drawn. */
  readonly exact: boolean;
  readonly baseline: Data;
  readonly target: Data;
  /** Whether what each drew for itself is exact. */
  readonly drawn: { readonly baseline: boolean; readonly target: boolean };
}

/** Both are evaluated, and neither draws anything. */
export const nothingDrawn: BothPlans = { exact: true, baseline: null, target: null, drawn: { baseline: true, target: true } };

/** The gradients of a baseline and a target at one place. */
export interface BothGradients {
  readonly b: LeafBuffers;
  readonly t: LeafBuffers;
  readonly loss: Buffer;
  readonly peakStates: number;
  readonly carry: Readonly<Record<string, State>>;
}

/** The first memory strategy that serves all sweeps of a pass. */
const memoryFor = (sweeps: readonly Sweep[], preferred: readonly MemoryStrategy[]): MemoryStrategy =>
  preferred.find(memory => memory.order === "reverse" || sweeps.every(s => s.order === "any")) ?? recompute;

function sharedPass(baseline: SweepEstimator, target: SweepEstimator, steps: number): { sweeps: readonly Sweep[]; memory: MemoryStrategy } {
  const sweeps = [baseline.sweep(steps), target.sweep(steps)];
  return { sweeps, memory: memoryFor(sweeps, [target.memory, baseline.memory]) };
}

/** Both gradients: in one pass over the inner loop where both are sweeps, else one after the other. */
export async function bothGradients(
  at: Place,
  baseline: Estimator,
  target: Estimator,
  plans: BothPlans,
  arrays: ArraysAt,
): Promise<BothGradients> {
  if (isSweep(baseline) && isSweep(target)) {
    const { sweeps, memory } = sharedPass(baseline, target, at.machine.steps),
      {
        loss,
        gradients: [b, t],
        peakStates,
      } = await pass(at, sweeps, memory);
    return { b, t, loss, peakStates, carry: {} };
  }
  const first = await baseline.evaluate(at, plans.baseline, partOf("baseline", arrays)),
    second = await target.evaluate(at, plans.target, partOf("target", arrays));
  return {
    b: first.gradient,
    t: second.gradient,
    loss: second.loss,
    peakStates: Math.max(first.peakStates ?? 1, second.peakStates ?? 1),
    carry: { ...prefixed("baseline", first.carry ?? {}), ...prefixed("target", second.carry ?? {}) },
  };
}

/** The most states held at once, in the draws with both gradients and in those without the target. */
export function statesOfBoth(baseline: Estimator, target: Estimator, r: number, problem?: Pick<CompiledProblem, "programs">): number {
  const alone = baseline.facts.states(r, problem);
  if (!isSweep(baseline) || !isSweep(target)) return Math.max(alone, target.facts.states(r, problem));
  const { sweeps, memory } = sharedPass(baseline, target, r);
  return Math.max(alone, statesOfPass(sweeps, memory, r, problem));
}

/** What is kept of the steps in the draws with both gradients; without the target less is, or nothing. */
export function residualsOfBoth(
  baseline: Estimator,
  target: Estimator,
  problem: Pick<CompiledProblem, "programs" | "steps" | "capacity">,
): KeptSteps | undefined {
  if (!isSweep(baseline) || !isSweep(target)) return target.facts.residuals?.(problem) ?? baseline.facts.residuals?.(problem);
  const { sweeps, memory } = sharedPass(baseline, target, problem.steps);
  return keptSteps(memory, problem, sweeps);
}

/** What one of the two costs by itself. */
function costOfPart(problem: CompiledProblem, estimator: Estimator, part: "baseline" | "target", plans: BothPlans, arrays: Arrays): number {
  const exact = plans.drawn[part],
    { deterministic, random } = estimator.work!(problem, { probability: 1, exact, plan: plans[part], arrays: partOf(part, arrays) });
  return exact ? deterministic + random : deterministic;
}

/** What the target costs where it is evaluated alone. */
export const costOfTarget = (problem: CompiledProblem, target: Estimator, plans: BothPlans, arrays: Arrays): number =>
  costOfPart(problem, target, "target", plans, arrays);

/**
 * What the baseline costs, and what the target costs beside it. Of a target that draws for itself nothing is known where it was not drawn, and nobody
 * asks: what costs decide is learned from draws of both.
 */
export function costsOfBoth(problem: CompiledProblem, baseline: Estimator, target: Estimator, plans: BothPlans, arrays: Arrays): Costs {
  const deterministic = costOfPart(problem, baseline, "baseline", plans, arrays);
  if (!plans.exact && target.facts.random) return { deterministic, random: 0 };
  const alone = costOfTarget(problem, target, plans, arrays);
  if (!isSweep(baseline) || !isSweep(target)) return { deterministic, random: alone, alone };
  const { sweeps, memory } = sharedPass(baseline, target, problem.steps);
  return { deterministic, random: workOfPass(problem, sweeps, memory) - deterministic, alone };
}
