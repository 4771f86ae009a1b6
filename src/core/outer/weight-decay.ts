import { fail } from "../../tensor/error.js";
import { checkOptions } from "../../tensor/options.js";
import { describeTree, mapTree, paths, type ValueTree } from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";
import { nonNegative } from "./arguments.js";
import { checkPattern, matches } from "./patterns.js";
import type { NoState, OuterTransform } from "./transform.js";

/** Which leaves of θ decay. */
export interface DecayedOptions {
  /** Patterns of paths as in `perLeaf`, `["*.w"]`; all leaves unless told. */
  readonly decayed?: readonly string[];
}

/**
 * d ↦ d + λ·θ on the leaves that decay.
 * @throws if λ is negative or not finite, or a pattern is none; when it gets θ: if a pattern matches no leaf
 */
export function decay(who: string, weightDecay: number, patterns: readonly string[] | undefined) {
  nonNegative(who, "weight decay", weightDecay);
  const given: unknown = patterns;
  if (given !== undefined && !Array.isArray(given)) fail(who, "wants a list of patterns of leaves that decay", describeTree(given));
  patterns?.forEach(pattern => checkPattern(who, pattern));
  return {
    /** What makes other numbers has another name. */
    shown: patterns ? `${weightDecay} on ${patterns.join(" ")}` : `${weightDecay}`,
    of(direction: ValueTree, theta: ValueTree): ValueTree {
      const names = paths("θ", theta).map(([path]) => path),
        idle = patterns?.find(pattern => !names.some(name => matches(pattern, name)));
      if (idle !== undefined) fail(who, `needs a leaf of θ for every pattern of decayed (${idle})`, names.join(", "));
      const decays = (path: string) => patterns?.some(pattern => matches(pattern, path)) ?? true;
      return mapTree(who, ([d, t], path) => (decays(path) ? (d as Value).add((t as Value).mul(weightDecay)) : d), [
        direction,
        theta,
      ]) as ValueTree;
    },
  };
}

/**
 * Adds a multiple of θ to the gradient, as the penalty (λ/2)·‖θ‖² does: update = g + λ·θ. Before `sgd` that is weight decay; before `adam` it is
 * not (`adamw`).
 *
 * @example
 * const outer = chain(addDecayedWeights(1e-4, { decayed: ["*.w"] }), sgd(0.1));
 *
 * Source: `optax.add_decayed_weights`, whose mask the patterns stand for.
 *
 * @param weightDecay λ ≥ 0
 * @param options.decayed patterns of the leaves that decay, as in `perLeaf`; all unless told
 * @throws if λ is negative or not finite; when it gets θ: if a pattern matches no leaf
 */
export function addDecayedWeights(weightDecay: number, options?: DecayedOptions): OuterTransform<NoState> {
  const { decayed } = checkOptions<DecayedOptions>("addDecayedWeights", options, { decayed: true }),
    rule = decay("addDecayedWeights", weightDecay, decayed);
  return {
    name: `addDecayedWeights(${rule.shown})`,
    init: () => [],
    update: (gradient, state, theta) => ({ updates: rule.of(gradient, theta), state }),
  };
}
