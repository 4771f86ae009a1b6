import { customGradient } from "../../tensor/custom-gradient.js";
import * as np from "../../tensor/np/index.js";
import { grad, jvp, stopGradient, withDerivativesZero } from "../../tensor/transform.js";
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
 * A scalar whose gradients, not itself, are meant: with respect to x and θ they are both products of one step with u: (∂Φ_j/∂x)ᵀu and (∂Φ_j/∂θ)ᵀu.
 *
 * For gradient descent it is ⟨φ, u⟩ − α s with the directional derivative s(θ, φ) = d/dε L_in(θ, φ + ε u, T): its gradients are
 * u − α ∂²_{φφ}L_in u and −α (∂²_{θφ}L_in)ᵀu − s ∂α/∂θ, so one reverse pass over a forward one gives both (Likhosherstov et al. 2021,
 * section 2, in Pearlmutter's form). For an optimizer that makes Ω(θ, x, g) of the gradient g it is ⟨Ω(θ, x, ḡ), u⟩ + s, with the derivative s along
 * w = (∂Ω/∂g)ᵀu, where ḡ and w count as constants: the same two passes over the loss. For a step of the user's own it is ⟨Φ_j(θ, x, T), u⟩.
 */
export function stepProduct(spec: AnySpec, theta: never, x: InnerState, task: never, j: Value, u: InnerState): Value {
  if (spec.inner.step) return tree.dot(asTree(innerStep(spec, theta, x, task, j)), asTree(u));
  if (spec.inner.optimizer) return optimizedProduct(spec, theta, x, task, j, u);
  return kept(x, u).add(descentProduct(spec, theta, x, task, j, u, -1));
}

/**
 * A scalar whose gradients, not itself, are meant: with respect to x and θ they are (I − ∂Φ_j/∂x)ᵀu and −(∂Φ_j/∂θ)ᵀu: ⟨x − Φ_j(θ, x, T), u⟩. For gradient descent it is
 * α s, in which nothing cancels: α ∂²_{φφ}L_in u keeps its precision however small α is.
 */
export function residualProduct(spec: AnySpec, theta: never, x: InnerState, task: never, j: Value, u: InnerState): Value {
  if (spec.inner.rate !== undefined) return descentProduct(spec, theta, x, task, j, u, 1);
  return kept(x, u).sub(stepProduct(spec, theta, x, task, j, u));
}

/** A step of the user's own whose derivatives count as zero, and how many it takes. */
export const ownStepWithoutGradient = (spec: AnySpec, theta: never, x: InnerState, task: never, j: Value) =>
  withDerivativesZero(() => ownStep(spec, theta, x, j, task, false));

/**
 * A scalar whose gradient with respect to x is C_jᵀu, where C_j is the Jacobian of the step with a gradient of zero: the identity for gradient descent,
 * what an optimizer does to φ and to its state by itself, a step of the user's own with derivatives of zero. Nothing of the inner loss is computed.
 */
export function gradientFreeProduct(spec: AnySpec, theta: never, x: InnerState, task: never, j: Value, u: InnerState): Value {
  if (spec.inner.step) return tree.dot(asTree(ownStepWithoutGradient(spec, theta, x, task, j).returned), asTree(u));
  if (spec.inner.optimizer) return tree.dot(asTree(optimized(spec, theta, x, tree.zerosLike(x.phi), j)), asTree(u));
  return kept(x, u);
}

/**
 * A scalar whose gradients with respect to x and `near` add up to w·(∂Φ_j/∂x)ᵀu + (1 − w)·C_jᵀu, and with respect to θ to w·(∂Φ_j/∂θ)ᵀu, with C_j as
 * in `gradientFreeProduct`, taken at `near`. For gradient descent it is u − w·α ∂²_{φφ}L_in u, in which nothing cancels.
 */
export function weightedProduct(
  spec: AnySpec,
  theta: never,
  [x, near]: readonly [InnerState, InnerState],
  task: never,
  j: Value,
  u: InnerState,
  weight: Value,
): Value {
  const times = (factor: Value): InnerState => tree.map(v => v.mul(factor.astype(v.dtype)), asTree(u)) as unknown as InnerState;
  if (spec.inner.rate !== undefined) return kept(x, u).add(descentProduct(spec, theta, x, task, j, times(weight), -1));
  // θ reaches a cheap Jacobian too, but it has no part in what is left out.
  const constant: unknown = tree.map(v => stopGradient(v), theta);
  return stepProduct(spec, theta, x, task, j, times(weight)).add(
    gradientFreeProduct(spec, constant as never, near, task, j, times(weight.neg().add(1))),
  );
}

/** (∂Φ_j/∂x)ᵀu as a sweep hands it on: its part of φ within ±c, element by element, where `inner.sweptClip` is c. */
export function swept({ inner: { sweptClip } }: AnySpec, u: InnerState): InnerState {
  if (sweptClip === undefined) return u;
  return { phi: tree.map(v => np.clip(v, -sweptClip, sweptClip), u.phi), state: u.state };
}

/** ⟨x, u⟩. */
const kept = (x: InnerState, u: InnerState): Value => tree.dot(x.phi, u.phi).add(tree.dot(x.state, u.state));

/** The same values, whose gradient is multiplied by a number that counts as constant once it is complete. */
const withGradientTimes = (factor: Value | number, t: ValueTree): ValueTree =>
  tree.map(
    customGradient(
      v => v,
      g => g.mul(factor),
    ),
    t,
  );

/**
 * A scalar with the gradients of ± α s of gradient descent. The derivative s is walked back from 1, and what comes of it is multiplied by ± α at the
 * end: so the cotangents on the way are those of the step itself, and a step that keeps them spares its product the work.
 */
function descentProduct(spec: AnySpec, theta: never, x: InnerState, task: never, j: Value, u: InnerState, sign: 1 | -1): Value {
  const slope = (t: never, phi: ValueTree, along: ValueTree) => jvp((p: ValueTree) => innerLoss(spec, t, p, task, j), phi, along)[1],
    rate = rateAt(spec, theta, x.phi, j);
  if (isOne(rate)) {
    const factor = Value.is(rate) ? stopGradient(rate).mul(sign) : sign * rate,
      s = slope(withGradientTimes(factor, theta) as never, withGradientTimes(factor, x.phi), u.phi);
    return Value.is(rate) ? s.add(rate.mul(stopGradient(s).mul(sign))) : s;
  }
  const signed = sign === 1 ? theta : (withGradientTimes(sign, theta) as never),
    phi = sign === 1 ? x.phi : withGradientTimes(sign, x.phi),
    along = withRate(rateAt(spec, signed, phi, j), u.phi, (v, a) => v.mul(a));
  return slope(signed, phi, along);
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
