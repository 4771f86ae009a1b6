import { fail } from "../../tensor/error.js";
import { leafTypes, mapTypes } from "../../tensor/trace.js";
import type { Formula } from "../evaluation/machine.js";
import { init } from "../problem/definitions.js";
import type { ProblemPrograms } from "../problem/programs.js";
import type { Choice, Estimator } from "./estimator.js";
import { certain } from "./estimator.js";
import { outerLoss } from "../problem/outer-loss.js";
import type { EstimatorSpelling } from "./spelling.js";

/** (θ, φ) ↦ θ − φ, array by array. */
const away: Formula = { name: "θ − φ", of: (theta, phi) => theta.map((leaf, i) => leaf.sub(phi[i])) };

/** Which leaf of θ each leaf of φ₀ = V(θ, T) is, as it is; undefined for one that V computes. */
function startLeaves(programs: ProblemPrograms): readonly (number | undefined)[] {
  const { nodes, outputs } = programs.of(init).program,
    phi = leafTypes(programs.x.phi).length;
  return outputs.slice(0, phi).map(at => {
    const { op, params } = nodes[at];
    if (op !== "input" || !("index" in params)) return undefined;
    return params.index < programs.thetaTypes.length ? params.index : undefined;
  });
}

/** The leaf of φ that begins as each leaf of θ: of a problem that `check` lets pass there is one for each. */
const phiOfTheta = (programs: ProblemPrograms): readonly number[] => {
  const from = startLeaves(programs);
  return programs.thetaTypes.map((_, leaf) => from.indexOf(leaf));
};

/** The names of a tree's leaves, `theta.w`. */
function namesOf(name: string, tree: unknown): string[] {
  const names: string[] = [];
  mapTypes(tree, (_, path) => names.push(path ? `${name}.${path}` : name));
  return names;
}

/** @throws UfomError where V(θ, T) is not θ, leaf for leaf */
function checkStart(programs: ProblemPrograms): void {
  const { theta, x, definedAt } = programs,
    from = startLeaves(programs),
    refuse = (received: string) =>
      fail(
        "reptile",
        "needs inner loops that begin at θ itself, V(θ, T) = θ, leaf for leaf, as it moves θ towards where they end",
        received,
      );
  const computed = from.findIndex((leaf, i) => leaf === undefined || from.indexOf(leaf) !== i);
  if (computed >= 0)
    refuse(`a problem whose ${namesOf("phi", x.phi)[computed]} begins at something else than a leaf of θ of its own${definedAt}`);
  const left = programs.thetaTypes.findIndex((_, leaf) => !from.includes(leaf));
  if (left >= 0) refuse(`a problem whose ${namesOf("theta", theta)[left]} is not in φ, and so would never be learned${definedAt}`);
}

/**
 * Reptile: θ moves towards where inner loops end that begin at it. Its direction, the mean over tasks of
 *
 *     G = θ − φ_r,   φ₀ = V(θ, T) = θ
 *
 * is **no gradient of M**, nor an estimate of one: L_out plays no part in it. With `sgd(ε)` an outer step is θ ← θ + ε (mean φ_r − θ). It takes r
 * inner steps, no product and one state; L_out(φ_r) is computed to be told, without its gradient.
 *
 * For r steps of gradient descent with the rate α it is α Σ_{j<r} ∂L_in(φ_j): for r = 1 α times the gradient at θ, and where L_in = L_out the sum of the
 * first-order gradients of 0, 1, … r − 1 steps, times α. It rests where the mean of φ_r − θ is zero: where tasks pull equally, which need not be where
 * M is small. In an optimizer with a state, or a step of one's own, only φ is compared with θ.
 *
 * Its check refuses a problem whose φ does not begin as θ, leaf for leaf: what else θ has, such as learned rates, has no φ to move towards.
 *
 * @example
 * import { defineProblem, f32, hypergradient, np, reptile } from "ufom";
 * const problem = defineProblem({
 *   theta: () => f32([4]),
 *   task: () => f32([2]),
 *   init: theta => theta,
 *   inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum().div(2), rate: 0.5, steps: 2 },
 *   outer: (_, phi, task) => np.square(phi.sub(task)).sum().div(2),
 * });
 * const { gradient, counts } = await hypergradient(problem, { estimator: reptile() });
 * [...gradient.data]; // [1.5]
 * counts; // { step: 2, product: 0, outer: 1 }
 *
 * Source: Nichol, Achiam, Schulman, On First-Order Meta-Learning Algorithms, 2018 (arXiv 1803.02999).
 */
export function reptile(): Estimator<null, Choice<null, Record<never, never>>> {
  return {
    name: "reptile",
    facts: { bias: "no gradient", random: false, states: () => 1 },
    check({ steps, programs }) {
      if (steps < 1) fail("reptile", "needs at least one inner step, as θ moves towards where they lead", `${steps} inner steps`);
      checkStart(programs);
    },
    init: () => null,
    draw: () => certain,
    outcomes: () => [certain],
    async evaluate(at) {
      const { machine, theta, task } = at,
        x = await at.unroll(await at.init()),
        [loss] = await machine.run(outerLoss, theta, x, task),
        gradient = await machine.run(
          away,
          theta,
          phiOfTheta(machine.programs).map(leaf => x[leaf]),
        );
      machine.release(x);
      return { loss, gradient };
    },
    work: problem => ({ deterministic: problem.work(init) + problem.steps + problem.work(outerLoss), random: 0 }),
  };
}

export const reptileSpelling: EstimatorSpelling = {
  spelling: "reptile",
  summary: "towards where the inner loops end that begin at θ, θ − φ_r: one state, no products, and no gradient of the outer loss",
  examples: ["reptile"],
  parse: text => (text === "reptile" ? reptile() : undefined),
};
