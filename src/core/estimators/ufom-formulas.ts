import type { Buffer } from "../../executors/executor.js";
import * as np from "../../tensor/np/index.js";
import { convert } from "../../tensor/np/promote.js";
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
  of(b, t) {
    const difference = t.map((x, i) => wide(x).sub(wide(b[i])));
    return [np.stack([inner(difference, difference), inner(t, t), inner(t, b), inner(b, b)])];
  },
};

/** The leaves that one of two gradients has, with zeros where the other has none. */
export function leafPairs(at: Place, b: LeafBuffers, t: LeafBuffers): { leaves: number[]; from: Buffer[]; to: Buffer[] } {
  const leaves: number[] = [];
  for (let leaf = 0; leaf < Math.max(b.length, t.length); leaf++) if (b[leaf] ?? t[leaf]) leaves.push(leaf);
  const filled = (gradient: LeafBuffers) => leaves.map(leaf => gradient[leaf] ?? at.zeros([leaf])[0]);
  return { leaves, from: filled(b), to: filled(t) };
}
