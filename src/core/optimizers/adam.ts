import * as np from "../../tensor/np/index.js";
import { checkOptions } from "../../tensor/options.js";
import type { ValueTree } from "../../tensor/tree.js";
import { map } from "../../tensor/tree.js";
import { descend, type DescentOptions } from "./descent.js";
import type { PerArray, Scalar } from "./hyperparameter.js";
import { checkGiven, likePhi, nonNegative, positive, scalarAt, share } from "./hyperparameter.js";
import type { Average } from "./moving-average.js";
import { averaged, moved, root, start } from "./moving-average.js";
import type { InnerOptimizer } from "./optimizer.js";
import { define } from "./optimizer.js";

/** Step size, decays of both averages, and what keeps the quotient finite. */
export interface AdamOptions extends DescentOptions {
  /** β₁ in [0, 1), of the average of the gradient; 0.9 unless told. */
  readonly beta1?: Scalar;
  /** β₂ in [0, 1), of the average of its square; 0.999 unless told. */
  readonly beta2?: Scalar;
  /** ε > 0, added to the root; 1e-8 unless told. */
  readonly epsilon?: Scalar;
}

/** The averages of the gradient and of its square. */
export type AdamState = { readonly first: Average; readonly second: Average };

const keys = { rate: true, beta1: true, beta2: true, epsilon: true } as const;

/** Adam, with weight decay λ or without. */
function make(name: string, options: AdamOptions, decay: PerArray | undefined): InnerOptimizer<AdamState> {
  const who = `optimizers.${name}`,
    { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkGiven(`${who}'s rate`, rate, nonNegative, true);
  checkGiven(`${who}'s beta1`, beta1, share);
  checkGiven(`${who}'s beta2`, beta2, share);
  checkGiven(`${who}'s epsilon`, epsilon, positive);
  if (decay !== undefined) checkGiven(`${who}'s weightDecay`, decay, nonNegative, true);
  return define({
    name,
    init: phi => ({ first: start(phi), second: start(phi) }),
    update(gradient, before, phi, k) {
      const first = moved(before.first, gradient, scalarAt(`${who}'s beta1`, beta1, share, k)),
        second = moved(before.second, map(np.square, gradient), scalarAt(`${who}'s beta2`, beta2, share, k)),
        e = scalarAt(`${who}'s epsilon`, epsilon, positive, k);
      const ascent = map((m, v) => m.div(root(v).add(e)), averaged(first), averaged(second));
      const whole = decay === undefined ? ascent : decayed(ascent, phi, likePhi(`${who}'s weightDecay`, decay, nonNegative, phi, k));
      return { updates: descend(likePhi(`${who}'s rate`, rate, nonNegative, phi, k), whole), state: { first, second } };
    },
  });
}

/** d + λ·φ. */
const decayed = (direction: ValueTree, phi: ValueTree, lambda: ValueTree): ValueTree =>
  map((d, p, l) => d.add(p.mul(l)), direction, phi, lambda);

/**
 * Adam inside: m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g² with g = ∂_φ L_in, and φ_k = φ_{k−1} − γ_k·m̂/(√v̂ + ε) with
 * m̂ = m/(1 − β₁ᵏ) and v̂ = v/(1 − β₂ᵏ).
 *
 * Where v is 0 (no gradient so far) the derivative of √v counts as 0, which gives the derivative of the whole quotient, 1/ε times that of m̂.
 * It is finite, and large: an ε of 1e-3 or so keeps hypergradients through arrays without a gradient in bounds.
 *
 * @param options.rate γ_k: a number, a value, a tree of these like φ, or a schedule k ↦ γ_k
 * @param options.beta1 β₁, a number, a scalar value or a schedule; 0.9 unless told
 * @param options.beta2 β₂, the same; 0.999 unless told
 * @param options.epsilon ε, the same; 1e-8 unless told
 * @throws if a number is out of range
 *
 * @example
 * const inner = optimizers.adam({ rate: 0.01 });
 *
 * Source: D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
 */
export const adam = (options: AdamOptions): InnerOptimizer<AdamState> =>
  make("adam", checkOptions<AdamOptions>("optimizers.adam", options, keys), undefined);

/** The options of Adam, and λ. */
export interface AdamWOptions extends AdamOptions {
  /** λ ≥ 0, one for all of φ or one an array; 1e-4 unless told. */
  readonly weightDecay?: PerArray;
}

/**
 * Adam with decoupled weight decay inside: φ_k = φ_{k−1} − γ_k·(m̂/(√v̂ + ε) + λ·φ_{k−1}), with Adam's m̂ and v̂.
 *
 * @param options those of `optimizers.adam`
 * @param options.weightDecay λ: a number, a value, a tree of these like φ, or a schedule; 1e-4 unless told
 * @throws if a number is out of range
 *
 * @example
 * const inner = optimizers.adamw({ rate: 0.01, weightDecay: 0.1 });
 *
 * Source: I. Loshchilov and F. Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2, with γ_k for both of their factors.
 */
export function adamw(options: AdamWOptions): InnerOptimizer<AdamState> {
  const { weightDecay = 1e-4, ...rest } = checkOptions<AdamWOptions>("optimizers.adamw", options, { ...keys, weightDecay: true });
  return make("adamw", rest, weightDecay);
}
