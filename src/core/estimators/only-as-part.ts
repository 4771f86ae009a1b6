import { fail } from "../../tensor/error.js";
import type { Estimator } from "./estimator.js";

/** Refuses, for a run by it alone, an estimator that never moves θ. @throws UfomError if it is one */
export function refuseAlone(who: string, { name, facts }: Pick<Estimator, "name" | "facts">): void {
  if (facts.onlyAsPart)
    fail(who, "must move θ, which this one is no gradient for: it is a part of others, as in ufom:0.2:baseline=zero", name);
}
