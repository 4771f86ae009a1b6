import { fail } from "../../tensor/error.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import type { Estimate } from "../batch/estimate.js";
import { estimate } from "../batch/estimate.js";
import { partOf, prefixed } from "../estimators/part-arrays.js";
import type { Choice, Data, Estimator, LeafBuffers } from "../estimators/estimator.js";
import { isSweep } from "../estimators/both-gradients.js";
import type { SweepEstimator } from "../estimators/sweep-estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import type { Place } from "../evaluation/place.js";
import type { Pauses } from "../evaluation/pauses.js";
import { pass } from "../unroll/pass.js";
import { leaves } from "../trees/host-tree.js";
import type { Gradient } from "./inner-products.js";

/** What a panel computed of one task at one θ. */
export interface Seen {
  readonly loss: number;
  /** Of the target. */
  readonly target: Gradient;
  /** Of the candidates, in order. */
  readonly candidates: readonly Gradient[];
  readonly estimate: Pick<Estimate, "counts" | "work" | "seconds">;
}

/** Several estimators that are evaluated on the same draws. */
export interface Panel {
  readonly candidates: readonly Estimator[];
  /** Evaluates all of them at a θ and a task. */
  at(theta: HostTree, task: HostTree, pauses: Pauses): Promise<Seen>;
}

const named = (candidate: number, leaf: number): string => `${candidate}/${leaf}`;

/** Gradients by leaf as arrays that an evaluation leaves; what is zero by structure is left out. */
const left = (candidate: number, gradient: LeafBuffers): Record<string, State> => {
  const arrays: Record<string, State> = {};
  for (let leaf = 0; leaf < gradient.length; leaf++) {
    const buffer = gradient[leaf];
    if (buffer) arrays[named(candidate, leaf)] = [buffer];
  }
  return arrays;
};

/**
 * A target and candidates that are evaluated together: those that are sweeps share one pass over the inner loop, by the target's memory strategy.
 *
 * @throws if a candidate draws at random, or keeps to one task
 */
export function panelOf(compiled: CompiledProblem, target: SweepEstimator, candidates: readonly Estimator[]): Panel {
  for (const { name, facts } of candidates)
    if (facts.random || facts.oneTask)
      fail("diagnose's candidates", "must be estimators that draw nothing and keep nothing from one outer step to the next", name);
  const sweeps = candidates.flatMap((candidate, i) => (isSweep(candidate) ? [{ candidate, i }] : [])),
    others = candidates.flatMap((candidate, i) => (isSweep(candidate) ? [] : [{ candidate, i }]));

  const estimator: Estimator<null, Choice<readonly Data[]>> = {
    name: ["diagnose", target.name, ...candidates.map(({ name }) => name)].join(" "),
    facts: { bias: "none", random: false, states: target.facts.states },
    init: () => null,
    draw: () => fail("a panel", "is given its choices", "a draw"),
    async evaluate(at: Place, plans, arrays) {
      const r = at.machine.steps,
        found = await pass(at, [target.sweep(r), ...sweeps.map(({ candidate }) => candidate.sweep(r))], target.memory),
        [gradient, ...swept] = found.gradients,
        carry: Record<string, State> = {};
      sweeps.forEach(({ i }, k) => Object.assign(carry, left(i, swept[k])));
      for (const [k, { candidate, i }] of others.entries())
        Object.assign(carry, left(i, (await candidate.evaluate(at, plans[k], partOf(String(k), arrays))).gradient));
      return { loss: found.loss, gradient, peakStates: found.peakStates, carry };
    },
  };

  return {
    candidates,
    async at(theta, task, pauses) {
      // They draw nothing at random, so any stream does.
      const own = others.map(({ candidate }) => candidate.draw(candidate.init(theta, compiled.steps), still)),
        choice = {
          probability: 1,
          exact: true,
          plan: own.map(({ plan }) => plan),
          arrays: Object.assign({}, ...own.map(({ arrays }, k) => prefixed(String(k), arrays))) as Choice["arrays"],
        },
        found = await estimate(compiled, estimator, theta, { task, choice }, pauses),
        all = leaves(found.gradient).map(({ data }) => data as Gradient[number]);
      const of = (i: number): Gradient =>
        all.map((_, leaf) => (found.carry[named(i, leaf)] as readonly HostArray[] | undefined)?.[0].data as Gradient[number]);
      return { loss: found.loss, target: all, candidates: candidates.map((_, i) => of(i)), estimate: found };
    },
  };
}

const refuse = (): never => fail("an estimator that is not random", "draws nothing", "a draw");
/** The random numbers of who draws none. */
const still = { normal: refuse, uniform: refuse, integer: refuse, next: refuse, permutation: refuse, key: refuse };
