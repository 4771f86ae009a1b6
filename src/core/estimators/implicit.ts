import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import type { HostArray } from "../../tensor/types.js";
import { init, outer, pullback } from "../problem/definitions.js";
import type { Choice, Estimator, LeafBuffers } from "./estimator.js";
import { conjugateGradients, neumannSeries } from "./implicit-solvers.js";
import { refuseSweptClip } from "./swept-clip.js";

/** How the linear system of implicit differentiation is solved, and how far. */
export interface ImplicitOptions {
  /** `cg`: conjugate gradients; `neumann`: the first terms of the Neumann series. */
  readonly solver: "cg" | "neumann";
  /** K, the most iterations: a whole number of at least 1. */
  readonly iterations: number;
  /**
   * Relative, ≥ 0 and < 1: a solve stops when two iterations in a row each changed the hypergradient by no more than this part of its norm. If not
   * given, all iterations are made, but for those of an equation that is solved to rounding.
   */
  readonly tolerance?: number;
}

const implicitKeys: KeysOf<ImplicitOptions> = { solver: true, iterations: true, tolerance: true };

/** How many iterations a plan has. */
type ImplicitPlan = { readonly iterations: number };
/** How often K was halved, and for how many evaluations in a row half of what there is would have been enough. */
type ImplicitState = { readonly halvings: number; readonly enough: number };

/** So many evaluations in a row must need no more than half of the iterations before a plan has half. */
const PATIENCE = 20;
const solvers = { cg: conjugateGradients, neumann: neumannSeries };

/**
 * Implicit differentiation at x_r, as if it were a fixed point of the inner step (x* = Φ(θ, x*, T), for gradient descent a stationary point of
 * L_in):
 *
 *     G = ∂_θL_out + (∂Φ_r/∂θ)ᵀ w,  (I − ∂Φ_r/∂x)ᵀ w = u = ∂L_out/∂x,  all at x_r
 *
 * The system is never formed: an iteration takes one product of the last step, j = r, with its step size and minibatch. How θ enters the start
 * does not matter at a fixed point, so V has no part in G. Holds one state for every r. Biased unless x_r is a fixed point and the system solved.
 *
 * * `cg`: K conjugate gradients. For gradient descent with one step size for all of φ the system is α ∂²_{φφ}L_in w = u, symmetric if nothing in
 *   L_in has a gradient of its own. For any other step the normal equations are solved, with a forward product an iteration besides. Where ⟨p, Ap⟩
 *   is not above rounding, as x_r is no minimum, the solve stops with what it has.
 * * `neumann`: w = Σ_{k<K} ((∂Φ_r/∂x)ᵀ)ᵏ u, for any step that contracts: its error falls by the contraction's factor an iteration.
 *
 * What came of it is in the estimate's `carry`, arrays of one number: `iterations` that were used; `residual`, ‖u − (I − ∂Φ/∂x)ᵀw‖/‖u‖; `stopped`,
 * whether it ended before the iterations did; of conjugate gradients the smallest `curvature` ⟨p, Ap⟩/⟨p, p⟩ (‖Ap‖²/‖p‖² of the normal equations)
 * met: one that is not above 0 is why a solve stopped; of the Neumann series its last `contraction` ‖v_{k+1}‖/‖v_k‖: the series diverges at 1 and
 * above.
 *
 * With a tolerance, a plan has K iterations at first, and half as many after 20 evaluations in a row that needed no more than half; twice as many
 * after one that ran out of them. That is state, and saved with a run. Within a plan, iterations after the stop change nothing, but cost what all do.
 *
 * @param options.solver `cg` or `neumann`
 * @param options.iterations K, a whole number of at least 1
 * @param options.tolerance in [0, 1), relative to the hypergradient's norm; absent: all iterations
 * @throws UfomError if an option is outside its range; its check refuses problems without inner steps, and those whose steps do not see θ
 *
 * @example
 * import { defineProblem, hypergradient, implicit, np, zeros } from "ufom";
 * const problem = defineProblem({
 *   theta: () => zeros(), // a log penalty
 *   task: random => random.normal([3]),
 *   init: () => np.zeros([3]),
 *   inner: { loss: (theta, w, y) => np.square(w.sub(y)).sum().add(np.exp(theta).mul(np.square(w).sum())), rate: 0.1, steps: 100 },
 *   outer: (_, w, y) => np.square(w.sub(y.mul(0.8))).sum(),
 * });
 * const { gradient, peakStates } = await hypergradient(problem, { estimator: implicit({ solver: "cg", iterations: 3 }) });
 *
 * Sources: Pedregosa, Hyperparameter optimization with approximate gradient, ICML 2016 (conjugate gradients); Rajeswaran, Finn, Kakade, Levine,
 * Meta-learning with implicit gradients, NeurIPS 2019 (for meta-learning); Lorraine, Vicol, Duvenaud, Optimizing millions of hyperparameters by
 * implicit differentiation, AISTATS 2020 (the Neumann series).
 */
export function implicit(options: ImplicitOptions): Estimator<ImplicitState, Choice<ImplicitPlan>> {
  const { solver, iterations, tolerance } = checkOptions("implicit", options, implicitKeys);
  if (!Object.hasOwn(solvers, solver)) fail("implicit", "takes cg or neumann as its solver", JSON.stringify(solver));
  if (!Number.isInteger(iterations) || iterations < 1)
    fail("implicit", "takes a whole number of iterations of at least 1", `${iterations}`);
  if (tolerance !== undefined && !(tolerance >= 0 && tolerance < 1)) fail("implicit", "takes a tolerance in [0, 1)", `${tolerance}`);
  const { programs: programsOf, solve } = solvers[solver],
    limit: readonly HostArray[] = tolerance === undefined ? [] : [{ shape: [], dtype: "float64", data: Float64Array.of(tolerance) }],
    after = (halvings: number) => Math.ceil(iterations / 2 ** halvings),
    choose = ({ halvings }: ImplicitState): Choice<ImplicitPlan> => ({
      probability: 1,
      exact: true,
      plan: { iterations: after(halvings) },
      arrays: {},
    });
  const estimator: Estimator<ImplicitState, Choice<ImplicitPlan>> = {
    name: `implicit:${solver}=${iterations}${tolerance === undefined ? "" : `:tolerance=${tolerance}`}`,
    facts: { bias: "fixed point", random: false, states: () => 1 },
    check({ steps, programs }) {
      refuseSweptClip("implicit", programs);
      if (steps < 1) fail("implicit", "needs at least one inner step, which is what has a fixed point", `${steps} inner steps`);
      if (!programs.of(pullback).leaves.length)
        fail(
          "implicit",
          "needs θ in the inner steps, as a fixed point does not depend on the start",
          `a problem whose inner steps do not see θ${programs.definedAt}`,
        );
    },
    init: () => ({ halvings: 0, enough: 0 }),
    draw: choose,
    outcomes: state => [choose(state)],
    async evaluate(at, plan) {
      const { machine } = at,
        { programs } = machine,
        x = await at.unroll(await at.init()),
        { loss, u, theta } = await at.outer(x),
        total: LeafBuffers[number][] = [];
      programs.of(outer).leaves.forEach((leaf, k) => (total[leaf] = theta[k]));
      const { leaves } = programs.of(pullback),
        direct = leaves.map(leaf => total[leaf] ?? at.zeros([leaf])[0]),
        others = total.flatMap((buffer, leaf) => (buffer && !leaves.includes(leaf) ? [buffer] : [])),
        limits = limit.map(array => machine.constant(array)),
        { gradient, carry } = await solve({ at, x, u, direct, others, iterations: plan.iterations, tolerance: limits });
      leaves.forEach((leaf, k) => (total[leaf] = gradient[k]));
      return { loss, gradient: total, carry };
    },
    work(problem, { plan }) {
      const iteration = programsOf(problem.programs).reduce((sum, program) => sum + problem.work(program), 0);
      return { deterministic: problem.work(init) + problem.steps + problem.work(outer) + plan.iterations * iteration, random: 0 };
    },
  };
  if (tolerance !== undefined)
    estimator.observe = ({ halvings, enough }, { choice, carry }) => {
      const [used, stopped] = [carry.iterations[0].data[0], carry.stopped[0].data[0]];
      if (!stopped || used > after(halvings)) {
        // More than were there. Evaluations of one batch are seen one after another: what was learned from the others stays.
        const wanted = stopped ? used : choice.plan.iterations + 1;
        let fewer = halvings;
        while (fewer > 0 && after(fewer) < wanted) fewer--;
        return { halvings: fewer, enough: 0 };
      }
      const half = after(halvings + 1);
      if (used > half || half === after(halvings)) return { halvings, enough: 0 };
      return enough + 1 < PATIENCE ? { halvings, enough: enough + 1 } : { halvings: halvings + 1, enough: 0 };
    };
  return estimator;
}
