import { fail } from "../../tensor/error.js";
import { implicit } from "./implicit.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";

export const implicitSpelling: EstimatorSpelling = {
  spelling: "implicit:SOLVER=K[:tolerance=T]",
  summary: "implicit differentiation by K iterations, SOLVER is cg or neumann: one state; biased unless the last state is a fixed point",
  examples: ["implicit:cg=5", "implicit:neumann=5", "implicit:cg=20:tolerance=1e-6", "implicit:neumann=20:tolerance=1e-6"],
  parse(text) {
    const rest = after("implicit", text);
    if (rest === undefined) return undefined;
    const [, solver, iterations, tolerance] =
      /^(cg|neumann)=(\d+)(?::tolerance=([\d.]+(?:e[+-]?\d+)?))?$/.exec(rest)
      ?? fail("implicit", "is spelled implicit:cg=K or implicit:neumann=K, and :tolerance=T after it if wanted", JSON.stringify(text));
    return implicit({
      solver: solver as "cg" | "neumann",
      iterations: Number(iterations),
      ...((tolerance as string | undefined) === undefined ? {} : { tolerance: Number(tolerance) }),
    });
  },
};
