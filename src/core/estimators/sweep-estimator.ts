import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { describeTree } from "../../tensor/tree.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { fitted } from "../memory/fit.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import { init, initPullback, outer } from "../problem/definitions.js";
import type { Sweep } from "../unroll/pass.js";
import { keptSteps } from "../unroll/kept.js";
import { deepest, pass } from "../unroll/pass.js";
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
      states: (r, problem) => Math.max(1, (problem ? fitted(memory, problem.programs.state) : memory).states(sweep(r).depth)),
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

/** Operations of a pass in units of an inner step's: counted from the programs, so that they are the same on every machine. */
export function workOfPass(problem: CompiledProblem, sweeps: readonly Sweep[], memory: MemoryStrategy): number {
  const kept = keptSteps(memory, problem, sweeps),
    backOf = ({ depth, program }: Sweep): number => {
      const resumed = kept?.step?.products.get(program)?.definition,
        resumable = resumed ? Math.min(depth, kept.steps) : 0;
      return (depth - resumable) * problem.work(program) + (resumed && resumable ? resumable * problem.work(resumed) : 0);
    },
    back = sweeps.reduce((sum, sweep) => sum + (sweep.depth && backOf(sweep)), 0),
    // A start that does not depend on θ has no pull-back to be called.
    starts = problem.programs.of(initPullback).leaves.length ? sweeps.length * problem.work(initPullback) : 0;
  return (
    problem.work(init)
    + problem.steps
    + problem.work(outer)
    + fitted(memory, problem.programs.state).extraSteps(deepest(sweeps))
    + back
    + starts
  );
}
