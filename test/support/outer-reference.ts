// Outer transforms from their published equations: plain loops over numbers, in float64.

import type { PlateauOptions } from "../../src/core/outer/index.js";

/** What a step sees; leaf by leaf. */
export interface Seen {
  readonly gradient: readonly (readonly number[])[];
  readonly theta: readonly (readonly number[])[];
  readonly k: number;
  readonly loss: number;
}

/** A transform: made anew for each run, it remembers what it needs and gives the updates of a step. */
export type Reference = () => (seen: Seen) => number[][];

type Rate = (k: number) => number;
const each = (x: Seen["gradient"], f: (value: number, leaf: number, i: number) => number): number[][] =>
  x.map((values, leaf) => values.map((value, i) => f(value, leaf, i)));
const zeros = (x: Seen["gradient"]): number[][] => each(x, () => 0);
const normOf = (x: Seen["gradient"]): number => Math.sqrt(x.flat().reduce((sum, value) => sum + value * value, 0));

export const references = {
  sgd:
    (gamma: Rate): Reference =>
    () =>
    ({ gradient, k }) =>
      each(gradient, g => -gamma(k) * g),

  momentum:
    (gamma: Rate, beta: number, nesterov = false): Reference =>
    () => {
      let m: number[][] | undefined;
      return ({ gradient, k }) => {
        const before = m ?? zeros(gradient),
          now = (m = each(gradient, (g, leaf, i) => beta * before[leaf][i] + g));
        return each(gradient, (g, leaf, i) => -gamma(k) * (nesterov ? beta * now[leaf][i] + g : now[leaf][i]));
      };
    },

  adam:
    (gamma: Rate, beta1: number, beta2: number, epsilon: number, weightDecay = 0): Reference =>
    () => {
      let m: number[][] | undefined, v: number[][] | undefined;
      return ({ gradient, theta, k }) => {
        m ??= zeros(gradient);
        v ??= zeros(gradient);
        for (const [leaf, values] of gradient.entries())
          for (const [i, g] of values.entries()) {
            m[leaf][i] = beta1 * m[leaf][i] + (1 - beta1) * g;
            v[leaf][i] = beta2 * v[leaf][i] + (1 - beta2) * g * g;
          }
        const [first, second] = [m, v];
        return each(gradient, (_, leaf, i) => {
          const [mean, square] = [first[leaf][i] / (1 - beta1 ** k), second[leaf][i] / (1 - beta2 ** k)];
          return -gamma(k) * (mean / (Math.sqrt(square) + epsilon) + weightDecay * theta[leaf][i]);
        });
      };
    },

  clipByValue:
    (limit: number): Reference =>
    () =>
    ({ gradient }) =>
      each(gradient, g => (g > limit ? limit : g < -limit ? -limit : g)),

  clipByGlobalNorm:
    (maxNorm: number): Reference =>
    () =>
    ({ gradient }) =>
      each(gradient, g => g * Math.min(1, maxNorm / normOf(gradient))),

  addDecayedWeights:
    (weightDecay: number): Reference =>
    () =>
    ({ gradient, theta }) =>
      each(gradient, (g, leaf, i) => g + weightDecay * theta[leaf][i]),

  reduceOnPlateau:
    ({ factor = 0.1, patience = 10, rtol = 1e-4, atol = 0, cooldown = 0, accumulationSize = 1, minScale = 0 }: PlateauOptions): Reference =>
    () => {
      let [scale, best, bad, ignored] = [1, Infinity, 0, 0],
        losses: number[] = [];
      return ({ gradient, loss }) => {
        losses.push(loss);
        if (losses.length === accumulationSize) {
          const mean = losses.reduce((a, b) => a + b) / losses.length;
          losses = [];
          const better = mean < (1 - rtol) * best - atol;
          if (better) best = mean;
          if (ignored > 0) {
            ignored--;
            bad = 0;
          } else if (better) bad = 0;
          else if (++bad === patience) {
            scale = Math.max(factor * scale, minScale);
            [bad, ignored] = [0, cooldown];
          }
        }
        return each(gradient, g => scale * g);
      };
    },

  chain:
    (...parts: readonly Reference[]): Reference =>
    () => {
      const steps = parts.map(part => part());
      return seen => steps.reduce((gradient, step) => step({ ...seen, gradient }), seen.gradient as number[][]);
    },

  /** The n-th transform has the leaves of the n-th list. */
  perLeaf:
    (...groups: readonly (readonly [leaves: readonly number[], Reference])[]): Reference =>
    () => {
      const steps = groups.map(([leaves, part]) => [leaves, part()] as const);
      return ({ gradient, theta, ...seen }) => {
        const updates: number[][] = [];
        for (const [leaves, step] of steps) {
          const own = (all: Seen["gradient"]) => leaves.map(leaf => all[leaf]);
          for (const [i, update] of step({ ...seen, gradient: own(gradient), theta: own(theta) }).entries()) updates[leaves[i]] = update;
        }
        return updates;
      };
    },
} satisfies Record<string, (...args: never[]) => Reference>;
