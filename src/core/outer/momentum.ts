import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { map, zerosLike, type ValueTree } from "../../tensor/tree.js";
import { decay } from "./arguments.js";
import { flushed } from "./flush.js";
import { descend, rateOf, showRate, type Rate } from "./rate.js";
import type { OuterTransform } from "./transform.js";

export interface MomentumOptions {
  /** Whether the step looks ahead along the momentum, as Nesterov's does; false unless told. */
  readonly nesterov?: boolean;
}

const momentumKeys: KeysOf<MomentumOptions> = { nesterov: true };

/** The decayed sum of the gradients so far. */
export type MomentumState = { readonly trace: ValueTree };

/**
 * Gradient descent with heavy-ball momentum: m ← β·m + g, update = −γ_k·m; with `nesterov`, update = −γ_k·(β·m + g).
 *
 * @example
 * const outer = momentum(0.1, 0.9, { nesterov: true });
 *
 * Sources: B. T. Polyak, Some methods of speeding up the convergence of iteration methods, USSR Computational Mathematics
 * and Mathematical Physics 4(5), 1964; I. Sutskever, J. Martens, G. Dahl and G. Hinton, On the importance of initialization and momentum
 * in deep learning, ICML 2013, equations 3 and 4, with θ where their gradient is taken.
 *
 * @param rate γ_k, a number or a schedule
 * @param beta β in [0, 1)
 * @throws if a constant rate is negative or not finite, or β is outside [0, 1)
 */
export function momentum(rate: Rate, beta = 0.9, options?: MomentumOptions): OuterTransform<MomentumState> {
  const gamma = rateOf("momentum", rate),
    { nesterov = false } = checkOptions("momentum", options, momentumKeys);
  decay("momentum", "beta", beta);
  return {
    name: `momentum(${showRate(rate)}, ${beta}${nesterov ? ", nesterov" : ""})`,
    init: theta => ({ trace: zerosLike(theta) }),
    update(gradient, state, _theta, step, _loss, share) {
      const ahead = (m: ValueTree) => map((x, g) => x.mul(beta).add(g), m, gradient);
      const trace = map(flushed, ahead(state.trace));
      return { updates: descend(gamma(step, share), nesterov ? ahead(trace) : trace), state: { trace } };
    },
  };
}
