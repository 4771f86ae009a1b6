import type { State } from "../evaluation/machine.js";
import type { Place } from "../evaluation/place.js";
import type { LeafBuffers } from "./estimator.js";
import { combine, combineScaled, leafPairs, moments, momentsByLeaf, momentsScaled, scaled } from "./ufom-formulas.js";
import type { BaselineScale } from "./ufom-scale.js";
import type { Buffer } from "../../executors/executor.js";

/** c of each of some leaves: one number for all, or the leaf's own. */
const scaleAt = (numbers: State, leaves: readonly number[]): Buffer[] =>
  leaves.map(leaf => (numbers.length === 1 ? numbers[0] : numbers[leaf]));

const byLeaf = (leaves: readonly number[], arrays: State): LeafBuffers => {
  const gradient: (Buffer | undefined)[] = [];
  leaves.forEach((leaf, k) => (gradient[leaf] = arrays[k]));
  return gradient;
};

/** c b. */
export async function timesScale(at: Place, b: LeafBuffers, numbers: State): Promise<LeafBuffers> {
  const leaves = [...b.keys()].filter(leaf => b[leaf]);
  if (!leaves.length) return b;
  return byLeaf(
    leaves,
    await at.machine.run(
      scaled,
      leaves.map(leaf => b[leaf]!),
      scaleAt(numbers, leaves),
    ),
  );
}

/**
 * What UFOM makes of a draw with both gradients: b + (t − b)/q, or t itself where q is absent, since it is 1; and what they are like.
 * @param scale by what b is multiplied
 */
export async function mixture(
  at: Place,
  b: LeafBuffers,
  t: LeafBuffers,
  q: State | undefined,
  scale: { readonly kind: BaselineScale; readonly numbers: State } | undefined,
): Promise<{ readonly gradient: LeafBuffers; readonly seen: State }> {
  const { machine } = at;
  if (!scale) {
    const { leaves, from, to } = leafPairs(at, b, t),
      seen = await machine.run(moments, from, to);
    return { gradient: q ? byLeaf(leaves, await machine.run(combine, from, to, q)) : t, seen };
  }
  // Leaf by leaf, those that both have not are zeros in the lists.
  const isByLeaf = scale.kind === "leaf",
    { leaves, from, to } = leafPairs(at, b, t, isByLeaf ? machine.programs.thetaTypes.length : 0),
    c = scaleAt(scale.numbers, leaves),
    seen = await machine.run(isByLeaf ? momentsByLeaf : momentsScaled, from, to, c);
  return { gradient: q ? byLeaf(leaves, await machine.run(combineScaled, from, to, c, q)) : t, seen };
}
