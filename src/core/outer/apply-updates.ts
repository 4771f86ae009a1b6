import type { HostTree } from "../../tensor/types.js";
import { elementwise } from "./elementwise.js";

/**
 * θ + updates, leaf by leaf.
 *
 * @throws where the trees differ in structure, shape or element type
 */
export const applyUpdates = (theta: HostTree, updates: HostTree): HostTree =>
  elementwise("applyUpdates", round => (t, u) => round(t + u), theta, updates);
