import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { map } from "../../tensor/tree.js";
import { adamDirection, adamKeys, type AdamOptions, type AdamState } from "./adam.js";
import { nonNegative } from "./arguments.js";
import { descend, rateOf, showRate, type Rate } from "./rate.js";
import type { OuterTransform } from "./transform.js";

export interface AdamWOptions extends AdamOptions {
  /** λ ≥ 0; 1e-4 unless told. */
  readonly weightDecay?: number;
}

const adamwKeys: KeysOf<AdamWOptions> = { ...adamKeys, weightDecay: true };

/**
 * Adam with decoupled weight decay: update = −γ_k·(m̂/(√v̂ + ε) + λ·θ), with Adam's m̂ and v̂.
 *
 * @example
 * const outer = adamw(1e-3, { weightDecay: 1e-2 });
 *
 * Source: I. Loshchilov and F. Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2, with γ_k for both of their factors.
 *
 * @param rate γ_k, a number or a schedule
 * @throws as `adam`, or if λ is negative or not finite
 */
export function adamw(rate: Rate, options?: AdamWOptions): OuterTransform<AdamState> {
  const { weightDecay = 1e-4, ...others } = checkOptions("adamw", options, adamwKeys),
    gamma = rateOf("adamw", rate),
    { init, direction, changed } = adamDirection("adamw", others);
  nonNegative("adamw", "weight decay", weightDecay);
  return {
    name: `adamw(${[showRate(rate), weightDecay, ...changed].join(", ")})`,
    init,
    update(gradient, before, theta, step) {
      const { ascent, state } = direction(gradient, before);
      const decayed = map((a, t) => a.add(t.mul(weightDecay)), ascent, theta);
      return { updates: descend(gamma(step), decayed), state };
    },
  };
}
