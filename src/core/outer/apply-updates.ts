import type { HostTree } from "../../tensor/types.js";
import { elementwise, type Loop } from "./elementwise.js";

/**
 * θ + updates, leaf by leaf.
 *
 * @throws where the trees differ in structure, shape or element type
 */
export const applyUpdates = (theta: HostTree, updates: HostTree): HostTree => elementwise("applyUpdates", add, theta, updates);

const add: Loop = (round, out, t, u) => {
  for (let i = 0; i < out.length; i++) out[i] = round(t[i] + u[i]);
};
