import type { Formula } from "../evaluation/machine.js";

/** (a, b) ↦ a + b, pair by pair. */
export const add: Formula = { name: "add", of: (a, b) => a.map((x, i) => x.add(b[i])) };
