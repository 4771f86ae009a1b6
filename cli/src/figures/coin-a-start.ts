import { certain, exact, firstOrder } from "ufom";
import type { Choice, Estimator, Formula } from "ufom";
import { bothGradients, nothingDrawn } from "ufom/internal/core/estimators/both-gradients";
import { float64 } from "./many-starts.js";

const parts = { baseline: firstOrder(), target: exact() };

/** b + w·(t − b), where w is 1/q for the starts whose coin fell below q, and 0 for the others. */
const corrected: Formula = {
  name: "corrected",
  of: ([b], [t], [coin], [q, inverse]) => [b.add(coin.less(q).astype(b.dtype).mul(inverse).mul(t.sub(b)))],
};

/**
 * UFOM with a coin for each start of a batch, G = G_FO + (ξ/q)(G_exact − G_FO) with ξ and q by start: `ufom:q` tosses one for all numbers of θ. The coins are a
 * leaf of the task, drawn where they are used. With q = 0 it is the first-order gradient, with q = 1 the exact one.
 *
 * @param probabilities q, along the second axis of θ
 */
export function coinAStart(probabilities: readonly number[]): Estimator<null, Choice<null, Record<never, never>>> {
  const column = (of: (q: number) => number) => float64([1, probabilities.length, 1], Float64Array.from(probabilities, of)),
    constants = [column(q => q), column(q => (q === 0 ? 0 : 1 / q))];
  return {
    name: `a coin a start (${probabilities.join(", ")})`,
    facts: { bias: probabilities.includes(0) ? "first-order" : "none", random: false, states: parts.target.facts.states },
    init: () => null,
    draw: () => certain,
    outcomes: () => [certain],
    async evaluate(at) {
      const { b, t, loss, peakStates } = await bothGradients(at, parts.baseline, parts.target, nothingDrawn, {}),
        // Leaves in the order of their names' appearance: { task, coin }.
        [, coin] = at.task,
        gradient = await at.machine.run(
          corrected,
          [b[0]!],
          [t[0]!],
          [coin],
          constants.map(array => at.machine.constant(array)),
        );
      return { loss, gradient, peakStates };
    },
  };
}
