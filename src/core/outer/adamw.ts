import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { adamDirection, adamKeys, type AdamOptions, type AdamState } from "./adam.js";
import { descend, rateOf, showRate, type Rate } from "./rate.js";
import type { OuterTransform } from "./transform.js";
import { decay, type DecayedOptions } from "./weight-decay.js";

export interface AdamWOptions extends AdamOptions, DecayedOptions {
  /** λ ≥ 0; 1e-4 unless told. */
  readonly weightDecay?: number;
}

const adamwKeys: KeysOf<AdamWOptions> = { decayed: true, ...adamKeys, weightDecay: true };

/**
 * Adam with decoupled weight decay: update = −γ_k·(m̂/(√v̂ + ε) + λ·θ), with Adam's m̂ and v̂.
 *
 * @example
 * const outer = adamw(1e-3, { weightDecay: 1e-2 });
 *
 * Source: I. Loshchilov and F. Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2, with γ_k for both of their factors.
 *
 * @param rate γ_k, a number or a schedule
 * @param options those of `adam`
 * @param options.weightDecay λ; 1e-4 unless told
 * @param options.decayed patterns of the leaves that decay, as in `perLeaf`; all unless told
 * @throws as `adam`, or if λ is negative or not finite; when it gets θ: if a pattern matches no leaf
 */
export function adamw(rate: Rate, options?: AdamWOptions): OuterTransform<AdamState> {
  const { weightDecay = 1e-4, decayed, ...others } = checkOptions("adamw", options, adamwKeys),
    gamma = rateOf("adamw", rate),
    { init, direction, changed } = adamDirection("adamw", others);
  const rule = decay("adamw", weightDecay, decayed);
  return {
    name: `adamw(${[showRate(rate), rule.shown, ...changed].join(", ")})`,
    init,
    update(gradient, before, theta, step, _loss, share) {
      const { ascent, state } = direction(gradient, before);
      return { updates: descend(gamma(step, share), rule.of(ascent, theta)), state };
    },
  };
}
