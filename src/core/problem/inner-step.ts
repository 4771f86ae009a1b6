import { grad, jvp, stopGradient } from "../../tensor/transform.js";
import type { ValueTree } from "../../tensor/tree.js";
import * as tree from "../../tensor/tree.js";
import { Value } from "../../tensor/value.js";
import type { InnerState } from "./functions.js";
import { innerLoss, optimized, ownStep, rateAt } from "./functions.js";
import type { AnySpec } from "./spec.js";

const asTree = (x: InnerState) => x as unknown as ValueTree;

/** Leaf by leaf f(x, α) for one α or a tree of them. */
function withRate(rate: number | Value | ValueTree, x: ValueTree, f: (x: Value, rate: number | Value) => Value): ValueTree {
  return typeof rate === "number" || Value.is(rate) ? tree.map(v => f(v, rate), x) : tree.map((v, a) => f(v, a), x, rate);
}

/** One inner step, x_j = Φ_j(θ, x_{j−1}, T); gradient descent is φ − α_j ∂_φ L_in. `j` counts from 0. */
export function innerStep(spec: AnySpec, theta: never, x: InnerState, task: never, j: Value): InnerState {
  if (spec.inner.step) return ownStep(spec, theta, x, j, task);
  const gradient = grad((phi: ValueTree) => innerLoss(spec, theta, phi, task, j))(x.phi);
  if (spec.inner.optimizer) return optimized(spec, theta, x, gradient, j);
  const move = withRate(rateAt(spec, theta, x.phi, j), gradient, (g, rate) => g.mul(rate));
  return { phi: tree.map((p, d) => p.sub(d), x.phi, move), state: x.state };
}

/** Whether a step size is one number for all of φ. */
const isOne = (rate: number | Value | ValueTree): rate is number | Value => typeof rate === "number" || (Value.is(rate) && rate.ndim === 0);

/** Whether ∂Φ_j/∂x is symmetric by the step's form: gradient descent with one step size for all of φ. */
export const hasSymmetricStep = (spec: AnySpec, theta: never, { phi }: InnerState, j: Value): boolean =>
  spec.inner.rate !== undefined && isOne(rateAt(spec, theta, phi, j));

/**
 * A scalar whose gradients with respect to x and θ are both products of one step with u: (∂Φ_j/∂x)ᵀu and (∂Φ_j/∂θ)ᵀu.
 *
 * For gradient descent it is ⟨φ, u⟩ − α s with the directional derivative s(θ, φ) = d/dε L_in(θ, φ + ε u, T): its gradients are
 * u − α ∂²_{φφ}L_in u and −α (∂²_{θφ}L_in)ᵀu − s ∂α/∂θ, so one reverse pass over a forward one gives both (Likhosherstov et al. 2021,
 * section 2, in Pearlmutter's form). For an optimizer that makes Ω(θ, x, g) of the gradient g it is ⟨Ω(θ, x, ḡ), u⟩ + s, with the derivative s along
 * w = (∂Ω/∂g)ᵀu, where ḡ and w count as constants: the same two passes over the loss. For a step of the user's own it is ⟨Φ_j(θ, x, T), u⟩.
 */
export function stepProduct(spec: AnySpec, theta: never, x: InnerState, task: never, j: Value, u: InnerState): Value {
  if (spec.inner.step) return tree.dot(asTree(innerStep(spec, theta, x, task, j)), asTree(u));
  if (spec.inner.optimizer) return optimizedProduct(spec, theta, x, task, j, u);
  return kept(x, u).sub(descentProduct(spec, theta, x, task, j, u));
}

/**
 * A scalar whose gradients with respect to x and θ are (I − ∂Φ_j/∂x)ᵀu and −(∂Φ_j/∂θ)ᵀu: ⟨x − Φ_j(θ, x, T), u⟩. For gradient descent it is
 * α s, in which nothing cancels: α ∂²_{φφ}L_in u keeps its precision however small α is.
 */
export function residualProduct(spec: AnySpec, theta: never, x: InnerState, task: never, j: Value, u: InnerState): Value {
  if (spec.inner.rate !== undefined) return descentProduct(spec, theta, x, task, j, u);
  return kept(x, u).sub(stepProduct(spec, theta, x, task, j, u));
}

/** ⟨x, u⟩. */
const kept = (x: InnerState, u: InnerState): Value => tree.dot(x.phi, u.phi).add(tree.dot(x.state, u.state));

/** α s of gradient descent. */
function descentProduct(spec: AnySpec, theta: never, x: InnerState, task: never, j: Value, u: InnerState): Value {
  const rate = rateAt(spec, theta, x.phi, j),
    loss = (phi: ValueTree) => innerLoss(spec, theta, phi, task, j);
  if (isOne(rate)) return jvp(loss, x.phi, u.phi)[1].mul(rate);
  return jvp(
    loss,
    x.phi,
    withRate(rate, u.phi, (v, a) => v.mul(a)),
  )[1];
}

/** ⟨Ω(θ, x, ḡ), u⟩ + s of an optimizer. */
function optimizedProduct(spec: AnySpec, theta: never, x: InnerState, task: never, j: Value, u: InnerState): Value {
  const loss = (phi: ValueTree) => innerLoss(spec, theta, phi, task, j),
    made = (gradient: ValueTree) => tree.dot(asTree(optimized(spec, theta, x, gradient, j)), asTree(u)),
    constant = (t: ValueTree) => tree.map(v => stopGradient(v), t),
    gradient = constant(grad(loss)(x.phi)),
    along = constant(grad(made)(gradient));
  return made(gradient).add(jvp(loss, x.phi, along)[1]);
}
