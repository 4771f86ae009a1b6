import type { Buffer } from "../../executors/executor.js";
import * as np from "../../tensor/np/index.js";
import { convert } from "../../tensor/np/promote.js";
import type { Value } from "../../tensor/value.js";
import type { Formula } from "../evaluation/machine.js";
import type { Place } from "../evaluation/place.js";
import type { LeafBuffers } from "./estimator.js";
import { inner, wide } from "./inner-products.js";

/** (b, t, q) ↦ b + (t − b)/q, in float64 and rounded once. */
export const combine: Formula = {
  name: "combine",
  of: (b, t, [q]) => b.map((x, i) => convert(wide(x).add(wide(t[i]).sub(wide(x)).div(q)), x.dtype)),
};

/** (b, t) ↦ (‖t − b‖², ‖t‖², ⟨t, b⟩, ‖b‖²) in float64. */
export const moments: Formula = {
  name: "moments",
  of: (b, t) => [momentsOf(b, t, b.map(wide))],
};

/** ‖t − s‖², ‖t‖², ⟨t, b⟩ and ‖b‖² for a scaled baseline s. */
function momentsOf(b: readonly Value[], t: readonly Value[], scaled: readonly Value[]): Value {
  const difference = t.map((x, i) => wide(x).sub(scaled[i]));
  return np.stack([inner(difference, difference), inner(t, t), inner(t, b), inner(b, b)]);
}

/** c b, leaf by leaf. */
const times = (b: readonly Value[], c: readonly Value[]): Value[] => b.map((x, i) => wide(x).mul(c[i]));

/** (b, c) ↦ c b, one c a leaf. */
export const scaled: Formula = { name: "scaled", of: (b, c) => times(b, c).map((x, i) => convert(x, b[i].dtype)) };

/** (b, t, c, q) ↦ c b + (t − c b)/q, in float64 and rounded once. */
export const combineScaled: Formula = {
  name: "combine scaled",
  of: (b, t, c, [q]) => times(b, c).map((x, i) => convert(x.add(wide(t[i]).sub(x).div(q)), b[i].dtype)),
};

/** (b, t, c) ↦ the moments, with c b for b in the difference. */
export const momentsScaled: Formula = { name: "moments scaled", of: (b, t, c) => [momentsOf(b, t, times(b, c))] };

/** The same, and ⟨t, b⟩ and ‖b‖² leaf by leaf. */
export const momentsByLeaf: Formula = {
  name: "moments by leaf",
  of: (b, t, c) => [momentsOf(b, t, times(b, c)), np.stack(b.map((x, i) => inner([t[i]], [x]))), np.stack(b.map(x => inner([x], [x])))],
};

/** Leaves of two gradients, with zeros where one has none: those that one of them has, or of so many all. */
export function leafPairs(at: Place, b: LeafBuffers, t: LeafBuffers, all = 0): { leaves: number[]; from: Buffer[]; to: Buffer[] } {
  const leaves: number[] = [];
  for (let leaf = 0; leaf < Math.max(b.length, t.length, all); leaf++) if (leaf < all || (b[leaf] ?? t[leaf])) leaves.push(leaf);
  const filled = (gradient: LeafBuffers) => leaves.map(leaf => gradient[leaf] ?? at.zeros([leaf])[0]);
  return { leaves, from: filled(b), to: filled(t) };
}
