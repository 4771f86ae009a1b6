import * as np from "../../tensor/np/index.js";
import { checkOptions } from "../../tensor/options.js";
import type { ValueTree } from "../../tensor/tree.js";
import { map, zerosLike } from "../../tensor/tree.js";
import { descend, type DescentOptions } from "./descent.js";
import type { PerArray, Scalar } from "./hyperparameter.js";
import { checkGiven, likePhi, nonNegative, oneMinus, positive, scalarAt, share } from "./hyperparameter.js";
import { root } from "./moving-average.js";
import type { InnerOptimizer } from "./optimizer.js";
import { define } from "./optimizer.js";

/** Step size, decay of the average, momentum, and what keeps the quotient finite. */
export interface RmspropOptions extends DescentOptions {
  /** α in [0, 1), of the average of the squared gradient; 0.99 unless told. */
  readonly decay?: Scalar;
  /** β in [0, 1), of the decayed sum of steps; 0 unless told. */
  readonly momentum?: PerArray;
  /** ε > 0, added to the root; 1e-8 unless told. */
  readonly epsilon?: Scalar;
}

/** The average of the squared gradient, which begins at 0 and is taken as it is, and the decayed sum of steps. */
export type RmspropState = { readonly second: ValueTree; readonly trace: ValueTree };

/**
 * RMSprop inside: v ← α·v + (1 − α)·g² with g = ∂_φ L_in, m ← β·m + g/(√v + ε), φ_k = φ_{k−1} − γ_k·m. As with Adam, the derivative of √v at 0
 * counts as 0.
 *
 * @param options.rate γ_k: a number, a value, a tree of these like φ, or a schedule k ↦ γ_k
 * @param options.decay α, a number, a scalar value or a schedule; 0.99 unless told
 * @param options.momentum β, of the forms of γ_k; 0 unless told
 * @param options.epsilon ε, of the forms of α; 1e-8 unless told
 * @throws if a number is out of range
 *
 * @example
 * const inner = optimizers.rmsprop({ rate: 0.01, decay: 0.9 });
 *
 * Source: T. Tieleman and G. Hinton, Lecture 6.5, COURSERA: Neural networks for machine learning, 2012, with ε beside the root.
 */
export function rmsprop(options: RmspropOptions): InnerOptimizer<RmspropState> {
  const who = "optimizers.rmsprop",
    known = { rate: true, decay: true, momentum: true, epsilon: true } as const,
    { rate, decay = 0.99, momentum = 0, epsilon = 1e-8 } = checkOptions<RmspropOptions>(who, options, known);
  checkGiven(`${who}'s rate`, rate, nonNegative, true);
  checkGiven(`${who}'s decay`, decay, share);
  checkGiven(`${who}'s momentum`, momentum, share, true);
  checkGiven(`${who}'s epsilon`, epsilon, positive);
  return define({
    name: "rmsprop",
    init: phi => ({ second: zerosLike(phi), trace: zerosLike(phi) }),
    update(gradient, before, phi, k) {
      const alpha = scalarAt(`${who}'s decay`, decay, share, k),
        second = map((v, g) => v.mul(alpha).add(np.square(g).mul(oneMinus(alpha))), before.second, gradient),
        e = scalarAt(`${who}'s epsilon`, epsilon, positive, k),
        betas = likePhi(`${who}'s momentum`, momentum, share, phi, k),
        trace = map((m, g, v, b) => m.mul(b).add(g.div(root(v).add(e))), before.trace, gradient, second, betas);
      return { updates: descend(likePhi(`${who}'s rate`, rate, nonNegative, phi, k), trace), state: { second, trace } };
    },
  });
}
