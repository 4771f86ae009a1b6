import { checkOptions } from "../../tensor/options.js";
import type { ValueTree } from "../../tensor/tree.js";
import { map, zerosLike } from "../../tensor/tree.js";
import type { PerArray } from "./hyperparameter.js";
import { checkGiven, likePhi, nonNegative, share } from "./hyperparameter.js";
import type { InnerOptimizer } from "./optimizer.js";
import { define } from "./optimizer.js";

/** −γ·d, leaf by leaf. */
export const descend = (rate: ValueTree, direction: ValueTree): ValueTree => map((d, a) => d.mul(a).neg(), direction, rate);

/** The step size of gradient descent. */
export interface DescentOptions {
  /** γ_k: one for all of φ or one an array, from θ or not, or a schedule. */
  readonly rate: PerArray;
}

/**
 * Gradient descent inside: φ_k = φ_{k−1} − γ_k·∂_φ L_in. It is `inner.rate` in the form of an optimizer.
 *
 * @param options.rate γ_k: a number, a value, a tree of these like φ, or a schedule k ↦ γ_k
 * @throws if a number is out of range
 *
 * @example
 * const inner = optimizers.sgd({ rate: cosine(0.1, 0, 30) });
 *
 * Source: H. Robbins and S. Monro, A stochastic approximation method, Annals of Mathematical Statistics 22(3), 1951.
 */
export function sgd(options: DescentOptions): InnerOptimizer<readonly never[]> {
  const { rate } = checkOptions<DescentOptions>("optimizers.sgd", options, { rate: true });
  checkGiven("optimizers.sgd's rate", rate, nonNegative, true);
  return define({
    name: "sgd",
    init: () => [],
    update: (gradient, state, phi, k) => ({
      updates: descend(likePhi("optimizers.sgd's rate", rate, nonNegative, phi, k), gradient),
      state,
    }),
  });
}

/** Step size and momentum. */
export interface MomentumOptions extends DescentOptions {
  /** β in [0, 1), one for all of φ or one an array; 0.9 unless told. */
  readonly momentum?: PerArray;
}

/** The decayed sum of the gradients so far. */
type Trace = { readonly trace: ValueTree };

/** Heavy ball or, looking ahead, Nesterov's. */
function withMomentum(name: string, ahead: boolean, options: MomentumOptions): InnerOptimizer<Trace> {
  const who = `optimizers.${name}`,
    { rate, momentum: beta = 0.9 } = checkOptions<MomentumOptions>(who, options, { rate: true, momentum: true });
  checkGiven(`${who}'s rate`, rate, nonNegative, true);
  checkGiven(`${who}'s momentum`, beta, share, true);
  return define({
    name,
    init: phi => ({ trace: zerosLike(phi) }),
    update(gradient, state, phi, k) {
      const betas = likePhi(`${who}'s momentum`, beta, share, phi, k),
        onward = (m: ValueTree) => map((x, g, b) => x.mul(b).add(g), m, gradient, betas),
        trace = onward(state.trace);
      return {
        updates: descend(likePhi(`${who}'s rate`, rate, nonNegative, phi, k), ahead ? onward(trace) : trace),
        state: { trace },
      };
    },
  });
}

/**
 * Heavy-ball momentum inside: m ← β·m + ∂_φ L_in, φ_k = φ_{k−1} − γ_k·m.
 *
 * @param options.rate γ_k: a number, a value, a tree of these like φ, or a schedule k ↦ γ_k
 * @param options.momentum β, of the same forms, in [0, 1); 0.9 unless told
 * @throws if a number is out of range
 *
 * @example
 * const inner = optimizers.momentum({ rate: 0.1, momentum: 0.8 });
 *
 * Source: B. T. Polyak, Some methods of speeding up the convergence of iteration methods, USSR Computational Mathematics and Mathematical
 * Physics 4(5), 1964.
 */
export const momentum = (options: MomentumOptions): InnerOptimizer<Trace> => withMomentum("momentum", false, options);

/**
 * Nesterov's momentum inside: m ← β·m + ∂_φ L_in, φ_k = φ_{k−1} − γ_k·(β·m + ∂_φ L_in).
 *
 * @param options.rate γ_k: a number, a value, a tree of these like φ, or a schedule k ↦ γ_k
 * @param options.momentum β, of the same forms, in [0, 1); 0.9 unless told
 * @throws if a number is out of range
 *
 * @example
 * const inner = optimizers.nesterov({ rate: 0.1 });
 *
 * Source: I. Sutskever, J. Martens, G. Dahl and G. Hinton, On the importance of initialization and momentum in deep learning, ICML 2013,
 * equations 3 and 4, with φ where their gradient is taken.
 */
export const nesterov = (options: MomentumOptions): InnerOptimizer<Trace> => withMomentum("nesterov", true, options);
