import { fail } from "../../tensor/error.js";
import * as np from "../../tensor/np/index.js";
import type { HostArray } from "../../tensor/types.js";
import type { Formula, State } from "../evaluation/machine.js";
import { init, outer, pullback, step } from "../problem/definitions.js";
import { accumulate } from "../unroll/pass.js";
import { add } from "../unroll/formulas.js";
import type { ArraysAt, Choice, Estimator, LeafBuffers } from "./estimator.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";
import { refuseSweptClip } from "./swept-clip.js";

/** What goes on from one outer step to the next: x = { φ, state }, v, and the number of the inner step that is next (int32, from 0). */
type Kept = { readonly x: readonly HostArray[]; readonly v: readonly HostArray[]; readonly step: readonly HostArray[] };
/** `start` begins at V(θ, T) with v = 0, `on` at what the state has. */
type SobaChoice = Choice<"start" | "on", Kept | Record<never, never>>;

/** (j, r) ↦ j + 1, and 0 after r − 1. */
const following: Formula = {
  name: "following step",
  of: ([j], [r]) => [np.where(j.add(1).less(r), j.add(1), j.mul(0))],
};

/**
 * SOBA, a single loop: φ and an adjoint v go on from one outer step to the next, and each outer step moves both a little instead of running
 * the inner loop again. All three directions are taken at the same (θ, φ, v), where Φ is the problem's inner step:
 *
 *     φ ← Φ(θ, φ, T)
 *     v ← (∂Φ/∂φ)ᵀ v + ∂_φL_out
 *     G = ∂_θL_out + (∂Φ/∂θ)ᵀ v
 *
 * For gradient descent with the rate α, w = αv moves by w ← w − α(∂²_{φφ}L_in w − ∂_φL_out) and G = ∂_θL_out − (∂²_{θφ}L_in)ᵀ w: towards the
 * gradient of L_out at the *solution* φ*(θ) of the inner problem. G lags behind it while φ and v are on their way, and where V(θ, T) is plays no
 * part beyond the first step. It takes one state, and a time that does not depend on r.
 *
 * φ and v converge for a fixed θ where α is below 2 over the largest, and the smallest is above 0, of the eigenvalues of ∂²_{φφ}L_in; together
 * with θ, where the outer steps are small beside that. It is for one inner problem: a run with several tasks is refused, as each would need a
 * φ of its own. Steps are numbered 0 … r − 1 and then from 0 again, for rates and minibatches that go by the step. `hypergradient` evaluates it
 * once, from V(θ, T) and v = 0.
 *
 * @param updates K, how often φ and v move in an outer step; G is taken at the last of them. A whole number of at least 1
 * @throws UfomError if K is not
 *
 * @example
 * soba(3).name; // "soba:3"
 *
 * Source: Dagréou, Ablin, Vaiter, Moreau, A framework for bilevel optimization that enables stochastic and global variance reduction algorithms,
 * NeurIPS 2022, with full gradients, and −w for its v.
 */
export function soba(updates = 1): Estimator<Kept | null, SobaChoice> {
  if (!Number.isInteger(updates) || updates < 1) refuse(`${updates}`);
  const choice = (state: Kept | null): SobaChoice => ({ probability: 1, exact: true, plan: state ? "on" : "start", arrays: state ?? {} });
  return {
    name: updates === 1 ? "soba" : `soba:${updates}`,
    facts: { bias: "lag", random: false, oneTask: true, states: () => 1 },
    check({ steps, programs }) {
      refuseSweptClip("soba", programs);
      if (steps < 1) fail("soba", "needs at least one inner step", `${steps}`);
      if (!programs.of(pullback).leaves.length) {
        fail(
          "soba",
          "needs θ in the inner loss or step, through which it moves the solution of the inner problem",
          `a problem whose inner steps do not see θ${programs.definedAt}`,
        );
      }
    },
    init: () => null,
    draw: choice,
    outcomes: state => [choice(state)],
    async evaluate(at, plan, arrays) {
      const { machine, theta, task } = at,
        { programs } = machine,
        going = plan === "on",
        given = arrays as ArraysAt<Kept>;
      let x: State = going ? given.x : await at.init(),
        v: State | undefined = going ? given.v : undefined,
        j: State = going ? given.step : [at.index(1)];
      for (let k = 1; ; k++) {
        const end = await at.outer(x),
          next = await machine.run(step, theta, x, task, j),
          later = await machine.run(following, j, [at.index(machine.steps + 1)]),
          { leaves } = programs.of(pullback),
          pulled = v ? await machine.run(pullback, theta, x, task, j, v, at.zeros(leaves)) : [],
          moved: State = v ? await machine.run(add, pulled.slice(0, v.length), end.u) : end.u;
        if (k === updates) {
          const gradient: LeafBuffers[number][] = [];
          await accumulate(at, gradient, end.theta, programs.of(outer).leaves);
          if (v) await accumulate(at, gradient, pulled.slice(v.length), leaves);
          return { loss: end.loss, gradient, carry: { x: next, v: moved, step: later } };
        }
        machine.release([end.loss, ...end.theta, ...pulled]);
        if (v) machine.release(end.u);
        // What came with the draw is the caller's, and the number of the first step a constant.
        if (k > 1) machine.release([...x, ...v!, ...j]);
        else if (!going) machine.release(x);
        [x, v, j] = [next, moved, later];
      }
    },
    observe: (_, { carry }) => ({ x: carry.x, v: carry.v, step: carry.step }),
    work(problem, { plan }) {
      // The first v is zero, and so is its product.
      const products = plan === "on" ? updates : updates - 1,
        start = plan === "on" ? 0 : problem.work(init);
      return { deterministic: start + updates * (1 + problem.work(outer)) + products * problem.work(pullback), random: 0 };
    },
  };
}

const refuse = (received: string): never => fail("soba", "takes a whole number of updates of at least 1", received);

export const sobaSpelling: EstimatorSpelling = {
  spelling: "soba[:K]",
  summary: "one loop: φ and an adjoint go on between outer steps, K updates each (1 unless given); for one task, lags behind",
  examples: ["soba", "soba:3"],
  parse(text) {
    const rest = after("soba", text);
    if (rest === undefined) return undefined;
    if (text !== "soba" && !/^\d+$/.test(rest)) refuse(rest === "" ? "nothing" : JSON.stringify(rest));
    return soba(rest === "" ? 1 : Number(rest));
  },
};
