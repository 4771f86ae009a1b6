import type { Definition } from "./definitions.js";

/** (θ, x, T) ↦ L_out(θ, φ, T), without its gradient. */
export const outerLoss: Definition = {
  name: "outerLoss",
  args: { theta: "theta", x: "x", task: "task" },
  counts: "outer",
  of: problem => problem.outer,
};
