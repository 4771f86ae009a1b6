import { fail } from "../../tensor/error.js";
import { describeTree } from "../../tensor/tree.js";
import type { InnerOptimizer } from "../optimizers/optimizer.js";
import { isInnerOptimizer } from "../optimizers/optimizer.js";
import type { AnySpec } from "./spec.js";
import { within } from "./where.js";

/** Checks that something is an inner optimizer and returns it. @throws if it is not, with where there are some */
export function checkOptimizer(who: string, must: string, x: unknown): InnerOptimizer {
  if (isInnerOptimizer(x)) return x;
  const rule = `${must} an optimizer of the inner loop (optimizers.adam({ rate: 0.01 }))`,
    { name, update } = (typeof x === "object" && x !== null ? x : {}) as { name?: unknown; update?: unknown };
  // Outer transforms have the same names.
  return fail(who, rule, typeof name === "string" && typeof update === "function" ? `the outer transform ${name}` : describeTree(x));
}

/** The inner optimizer at a θ. @throws if it is none */
export function optimizerAt(spec: AnySpec, theta: never): InnerOptimizer {
  const { optimizer } = spec.inner;
  if (typeof optimizer !== "function") return checkOptimizer("inner.optimizer", "must be", optimizer);
  return within(spec, "inner.optimizer", () => checkOptimizer("inner.optimizer", "must return", optimizer(theta)));
}
