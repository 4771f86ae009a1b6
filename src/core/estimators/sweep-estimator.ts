import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { describeTree } from "../../tensor/tree.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { fitted } from "../memory/fit.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import { init, initPullback, outer } from "../problem/definitions.js";
import { outerLoss } from "../problem/outer-loss.js";
import type { Sweep } from "../unroll/pass.js";
import { keptSteps } from "../unroll/kept.js";
import { pass } from "../unroll/pass.js";
import { extraStepsOf, statesOf, stretchesOf, visitsAmong, visitsOf } from "../unroll/stretches.js";
import type { Bias, Choice, Estimator } from "./estimator.js";
import { certain } from "./estimator.js";

/** An estimator that draws nothing and makes one sweep back over the steps: two of them can share a pass. */
export interface SweepEstimator extends Estimator<null, Choice<null, Record<never, never>>> {
  readonly memory: MemoryStrategy;
  /** The sweep for a number of inner steps. */
  sweep(steps: number): Sweep;
}

/** What tells one estimator of one sweep from another. */
export interface SweepParts {
  readonly name: string;
  readonly bias: Bias;
  readonly memory: MemoryStrategy;
  sweep(steps: number): Sweep;
  /** @throws UfomError where the estimate makes no sense */
  check?(problem: CompiledProblem): void;
}

const partKeys: KeysOf<SweepParts> = { name: true, bias: true, memory: true, sweep: true, check: true };

/** The strategy itself. @throws on anything else, such as an object of options */
export function checkMemory(who: string, memory: MemoryStrategy): MemoryStrategy {
  if (typeof memory?.states !== "function")
    fail(who, "takes a memory strategy: store, residuals(bytes), checkpoint(S) or recompute", describeTree(memory));
  return memory;
}

/**
 * Makes an estimator of one sweep.
 *
 * @example
 * const last = sweepEstimator({ name: "last-step", bias: "truncation", memory: store, sweep: r => reverseSweep(Math.min(1, r)) });
 * last.facts.states(10); // 1
 */
export const sweepEstimator = (parts: SweepParts): SweepEstimator => {
  const { name, bias, memory, sweep, check } = checkOptions("sweepEstimator", parts, partKeys, "the parts");
  return {
    name,
    facts: {
      bias,
      random: false,
      carries: true,
      states: (r, problem) => statesOfPass([sweep(r)], memory, r, problem),
      residuals: problem => keptSteps(memory, problem, [sweep(problem.steps)]),
    },
    memory,
    sweep,
    check,
    init: () => null,
    draw: () => certain,
    outcomes: () => [certain],
    async evaluate(at) {
      const { loss, gradients, peakStates } = await pass(at, [sweep(at.machine.steps)], memory);
      return { loss, gradient: gradients[0], peakStates };
    },
    work: problem => ({ deterministic: workOfPass(problem, [sweep(problem.steps)], memory), random: 0 }),
  };
};

/** The most states that a pass holds at once. */
export function statesOfPass(
  sweeps: readonly Sweep[],
  memory: MemoryStrategy,
  steps: number,
  problem: Pick<CompiledProblem, "programs"> | undefined,
): number {
  const strategy = problem ? fitted(memory, problem.programs.state) : memory;
  return Math.max(1, statesOf(strategy, stretchesOf(sweeps, steps), steps));
}

/** Operations of a pass in units of an inner step's: counted from the programs, so that they are the same on every machine. */
export function workOfPass(problem: CompiledProblem, sweeps: readonly Sweep[], memory: MemoryStrategy): number {
  const { steps } = problem,
    stretches = stretchesOf(sweeps, steps),
    kept = keptSteps(memory, problem, sweeps),
    begun = sweeps.filter(({ isZero }) => !isZero),
    backOf = (sweep: Sweep): number => {
      const resumed = kept?.step?.products.get(sweep.program)?.definition,
        resumable = resumed ? visitsAmong(sweep, stretches, kept.steps, steps) : 0;
      return (visitsOf(sweep) - resumable) * problem.work(sweep.program) + (resumed && resumable ? resumable * problem.work(resumed) : 0);
    },
    back = begun.reduce((sum, sweep) => sum + (visitsOf(sweep) && backOf(sweep)), 0),
    // A start that does not depend on θ has no pull-back to be called.
    starts = problem.programs.of(initPullback).leaves.length ? begun.length * problem.work(initPullback) : 0;
  return (
    problem.work(init)
    + steps
    + problem.work(begun.length ? outer : outerLoss)
    + extraStepsOf(fitted(memory, problem.programs.state), stretches, steps)
    + back
    + starts
  );
}
