import { fail } from "../../tensor/error.js";
import type { ProblemPrograms } from "../problem/programs.js";

/** Refuses, for an estimator that sweeps no u back over the inner loop, a problem whose sweep is clipped. @throws UfomError if it is */
export function refuseSweptClip(who: string, { sweptClip, definedAt }: ProblemPrograms): void {
  if (sweptClip === undefined) return;
  fail(
    who,
    "has no sweep whose u could be clipped, and would estimate another gradient than exact does here (exact, truncated and ufom of these clip)",
    `a problem with inner.sweptClip: ${sweptClip}${definedAt}`,
  );
}
