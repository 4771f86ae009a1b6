import type { HostTree } from "../../tensor/types.js";
import { decay } from "./arguments.js";
import { elementwise, scaled, zerosLike, type Loop } from "./elementwise.js";
import { scheduleOf, showRate, type Rate } from "./rate.js";
import type { OuterTransform } from "./transform.js";

/** The decayed sum of the gradients so far. */
export type MomentumState = { readonly trace: HostTree };

/**
 * Gradient descent with heavy-ball momentum: m ← β·m + g, update = −γ_k·m.
 *
 * @example
 * const outer = momentum(0.1, 0.9);
 *
 * Source: B. T. Polyak, Some methods of speeding up the convergence of iteration methods, USSR Computational Mathematics
 * and Mathematical Physics 4(5), 1964.
 *
 * @param rate γ_k, a number or a schedule
 * @param beta β in [0, 1)
 * @throws if a constant rate is negative or not finite, or β is outside [0, 1)
 */
export function momentum(rate: Rate, beta = 0.9): OuterTransform<MomentumState> {
  const schedule = scheduleOf("momentum", rate);
  decay("momentum", "beta", beta);
  const decayedSum: Loop = (round, out, g, m) => {
    for (let i = 0; i < out.length; i++) out[i] = round(round(beta * m[i]) + g[i]);
  };
  return {
    name: `momentum(${showRate(rate)}, ${beta})`,
    init: theta => ({ trace: zerosLike(theta) }),
    update(gradient, state, _theta, k) {
      const gamma = schedule(k);
      const trace = elementwise("momentum", decayedSum, gradient, state.trace);
      return { updates: scaled("momentum", -gamma, trace), state: { trace } };
    },
  };
}
