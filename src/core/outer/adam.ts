import type { HostTree } from "../../tensor/types.js";
import { decay, positive } from "./arguments.js";
import { elementwise, zerosLike, type Loop } from "./elementwise.js";
import { scheduleOf, showRate, type Rate } from "./rate.js";
import type { OuterTransform } from "./transform.js";

export interface AdamOptions {
  /** β₁ in [0, 1), of the average of the gradient; 0.9 unless told. */
  readonly beta1?: number;
  /** β₂ in [0, 1), of the average of its square; 0.999 unless told. */
  readonly beta2?: number;
  /** ε > 0, added to the root; 1e-8 unless told. */
  readonly epsilon?: number;
}

/** Moving averages of the gradient and of its square, and β₁ᵗ and β₂ᵗ after t updates. */
export type AdamState = {
  readonly first: HostTree;
  readonly second: HostTree;
  readonly firstDecay: number;
  readonly secondDecay: number;
};

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
export function adam(rate: Rate, options: AdamOptions = {}): OuterTransform<AdamState> {
  const { beta1 = defaults.beta1, beta2 = defaults.beta2, epsilon = defaults.epsilon } = options;
  const schedule = scheduleOf("adam", rate);
  decay("adam", "beta1", beta1);
  decay("adam", "beta2", beta2);
  positive("adam", "epsilon", epsilon);
  const changed = Object.entries({ beta1, beta2, epsilon }).filter(([name, value]) => value !== defaults[name as keyof typeof defaults]);
  const average: Loop = (round, out, g, m) => {
    for (let i = 0; i < out.length; i++) out[i] = round(round(beta1 * m[i]) + round((1 - beta1) * g[i]));
  };
  const averageOfSquares: Loop = (round, out, g, v) => {
    for (let i = 0; i < out.length; i++) out[i] = round(round(beta2 * v[i]) + round((1 - beta2) * round(g[i] * g[i])));
  };

  return {
    name: `adam(${[showRate(rate), ...changed.map(([name, value]) => `${name} = ${value}`)].join(", ")})`,
    init: theta => ({ first: zerosLike(theta), second: zerosLike(theta), firstDecay: 1, secondDecay: 1 }),
    update(gradient, state, _theta, k) {
      const gamma = schedule(k);
      const first = elementwise("adam", average, gradient, state.first),
        second = elementwise("adam", averageOfSquares, gradient, state.second);
      // Powers as running products: Math.pow differs in its last bit from engine to engine.
      const [firstDecay, secondDecay] = [state.firstDecay * beta1, state.secondDecay * beta2];
      const [firstWeight, secondWeight] = [1 - firstDecay, 1 - secondDecay];
      const move: Loop = (round, out, m, v) => {
        for (let i = 0; i < out.length; i++) {
          const root = round(Math.sqrt(round(v[i] / secondWeight)));
          out[i] = round(-gamma * round(round(m[i] / firstWeight) / round(root + epsilon)));
        }
      };
      const updates = elementwise("adam", move, first, second);
      return { updates, state: { first, second, firstDecay, secondDecay } };
    },
  };
}
