import type { Buffer } from "../../executors/executor.js";
import type { State } from "../evaluation/machine.js";
import type { Place } from "../evaluation/place.js";
import type { Definition } from "../problem/definitions.js";
import { pullback } from "../problem/definitions.js";
import type { ProblemPrograms } from "../problem/programs.js";
import { residualPullback, residualTangent } from "./implicit-definitions.js";
import {
  advanceNormal,
  advanceSymmetric,
  beginConjugate,
  beginNeumann,
  endConjugate,
  endNeumann,
  nextDirection,
  nextTerm,
} from "./implicit-formulas.js";

/** What is solved: (I − ∂Φ_r/∂x)ᵀ w = u at x = x_r, for G = ∂_θL_out + (∂Φ_r/∂θ)ᵀ w. */
export interface Equation {
  readonly at: Place;
  readonly x: State;
  readonly u: State;
  /** ∂_θL_out: the leaves of θ that inner steps touch, and the others. */
  readonly direct: State;
  readonly others: State;
  readonly iterations: number;
  /** A number, or nothing. */
  readonly tolerance: State;
}

/** G of the leaves that inner steps touch, and what is told of the solve. */
export interface Solution {
  readonly gradient: State;
  readonly carry: Readonly<Record<string, readonly Buffer[]>>;
}

/** A way to solve. */
export interface Solver {
  /** What an iteration runs. */
  programs(programs: ProblemPrograms): readonly Definition[];
  solve(equation: Equation): Promise<Solution>;
}

/** Releases the arrays of one iteration that the next has new ones for; those of before the first are borrowed. */
const replacing =
  ({ machine }: Place, borrowed: readonly State[]) =>
  (old: State): void => {
    if (old.length && !borrowed.includes(old)) machine.release(old);
  };

/**
 * Conjugate gradients: for A = (I − ∂Φ/∂x)ᵀ where that is symmetric, Aw = u itself; else the normal equations AᵀAw = Aᵀu, which take a product
 * forward as well. Each product with a direction gives the gradient's part along it too, so that w is summed up in G only.
 */
export const conjugateGradients: Solver = {
  programs: ({ symmetricStep }) => (symmetricStep ? [residualPullback] : [residualPullback, residualTangent]),
  async solve({ at, x, u, direct, others, iterations, tolerance }) {
    const { machine, theta, task } = at,
      r = machine.steps,
      n = u.length,
      symmetric = machine.programs.symmetricStep,
      free = replacing(at, [direct, u]);
    let [gradient, residual, p, known]: State[] = [direct, u, [], await machine.run(beginConjugate, u)];
    for (let k = 0; k < iterations; k++) {
      const z = symmetric ? residual : await machine.run(residualTangent, theta, x, task, [at.index(r)], residual),
        turned = await machine.run(nextDirection, z, p, known);
      if (!symmetric) free(z);
      for (const old of [p, known]) free(old);
      [p, known] = [turned.slice(0, n), turned.slice(n)];
      const product = await machine.run(residualPullback, theta, x, task, [at.index(r)], p),
        [ap, bp] = [product.slice(0, n), product.slice(n)],
        advance = symmetric ? advanceSymmetric : advanceNormal,
        moved = await machine.run(advance, gradient, others, residual, p, known, ap, bp, tolerance);
      for (const old of [product, gradient, residual, known]) free(old);
      const m = gradient.length;
      [gradient, residual, known] = [moved.slice(0, m), moved.slice(m, m + n), moved.slice(m + n)];
    }
    const [count, left, curvature, stopped] = await machine.run(endConjugate, known);
    return { gradient, carry: { iterations: [count], residual: [left], curvature: [curvature], stopped: [stopped] } };
  },
};

/** The Neumann series w = Σ_{k<K} v_k with v₀ = u, v_{k+1} = (∂Φ/∂x)ᵀv_k: the reverse sweep over K steps, all of them at x_r. */
export const neumannSeries: Solver = {
  programs: () => [pullback],
  async solve({ at, x, u, direct, others, iterations, tolerance }) {
    const { machine } = at,
      free = replacing(at, [direct, u]);
    let [gradient, v, known]: State[] = [direct, u, await machine.run(beginNeumann, u)];
    for (let k = 0; k < iterations; k++) {
      const next = await at.pullback(x, machine.steps, v, gradient),
        moved = await machine.run(nextTerm, gradient, others, next.g, next.u, known, tolerance);
      for (const old of [gradient, v, known, next.g]) free(old);
      [gradient, v, known] = [moved.slice(0, gradient.length), next.u, moved.slice(gradient.length)];
    }
    const [count, left, contraction, stopped] = await machine.run(endNeumann, known);
    return { gradient, carry: { iterations: [count], residual: [left], contraction: [contraction], stopped: [stopped] } };
  },
};
