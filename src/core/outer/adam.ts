import * as np from "../../tensor/np/index.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { map, zerosLike, type ValueTree } from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";
import { decay, positive } from "./arguments.js";
import { flushed } from "./flush.js";
import { descend, rateOf, showRate, type Rate } from "./rate.js";
import type { OuterTransform } from "./transform.js";

export interface AdamOptions {
  /** β₁ in [0, 1), of the average of the gradient; 0.9 unless told. */
  readonly beta1?: number;
  /** β₂ in [0, 1), of the average of its square; 0.999 unless told. */
  readonly beta2?: number;
  /** ε > 0, added to the root; 1e-8 unless told. */
  readonly epsilon?: number;
}

/** Moving averages of the gradient and of its square, and β₁ᵗ and β₂ᵗ after t updates, float64 scalars. */
export type AdamState = {
  readonly first: ValueTree;
  readonly second: ValueTree;
  readonly firstDecay: Value;
  readonly secondDecay: Value;
};

export const adamKeys: KeysOf<AdamOptions> = { beta1: true, beta2: true, epsilon: true };

const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * Adam: m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², and after t updates
 * update = −γ_k·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε).
 *
 * @example
 * const outer = chain(clipByGlobalNorm(1), adam(1e-3));
 *
 * Source: D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
 *
 * @param rate γ_k, a number or a schedule
 * @throws if a constant rate is negative or not finite, β₁ or β₂ is outside [0, 1), or ε is not positive
 */
export function adam(rate: Rate, options?: AdamOptions): OuterTransform<AdamState> {
  const gamma = rateOf("adam", rate),
    { init, direction, changed } = adamDirection("adam", checkOptions("adam", options, adamKeys));
  return {
    name: `adam(${[showRate(rate), ...changed].join(", ")})`,
    init,
    update(gradient, before, _theta, step, _loss, share) {
      const { ascent, state } = direction(gradient, before);
      return { updates: descend(gamma(step, share), ascent), state };
    },
  };
}

/** The averages of Adam and the direction that they give, m̂/(√v̂ + ε); what of the options is not as usual, for the name. */
export function adamDirection(who: string, options: AdamOptions) {
  const { beta1 = defaults.beta1, beta2 = defaults.beta2, epsilon = defaults.epsilon } = options;
  decay(who, "beta1", beta1);
  decay(who, "beta2", beta2);
  positive(who, "epsilon", epsilon);
  const one = () => np.ones([], "float64");
  return {
    changed: Object.entries({ beta1, beta2, epsilon }).flatMap(([name, x]) =>
      x === defaults[name as keyof typeof defaults] ? [] : [`${name} = ${x}`],
    ),
    init: (theta: ValueTree): AdamState => ({
      first: zerosLike(theta),
      second: zerosLike(theta),
      firstDecay: one(),
      secondDecay: one(),
    }),
    direction(gradient: ValueTree, before: AdamState): { ascent: ValueTree; state: AdamState } {
      const first = map((m, g) => flushed(m.mul(beta1).add(g.mul(1 - beta1))), before.first, gradient),
        second = map((v, g) => flushed(v.mul(beta2).add(np.square(g).mul(1 - beta2))), before.second, gradient);
      // Powers as running products: they are exact to rounding at any step, and no step has to count multiplications.
      const firstDecay = before.firstDecay.mul(beta1),
        secondDecay = before.secondDecay.mul(beta2);
      const unbiased = (x: Value, power: Value) => x.mul(np.divide(1, np.subtract(1, power)).astype(x.dtype));
      const ascent = map((m, v) => unbiased(m, firstDecay).div(np.sqrt(unbiased(v, secondDecay)).add(epsilon)), first, second);
      return { ascent, state: { first, second, firstDecay, secondDecay } };
    },
  };
}
