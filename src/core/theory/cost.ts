import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import { checkNonNegative, checkProbability } from "./arguments.js";

/** What one estimate costs, in any one unit: gradient evaluations, or seconds. */
export interface Costs {
  /** C_det: spent at every draw. */
  readonly det: number;
  /** C_rnd: spent besides when the exact gradient is computed. */
  readonly rnd: number;
}

export const costKeys: KeysOf<Costs> = { det: true, rnd: true };

/**
 * The expected cost of an estimate: C(q) = C_det + q·C_rnd.
 *
 * @example
 * expectedCost({ det: 11, rnd: 55 }, 0.2); // 22
 *
 * Source: Likhosherstov et al., ICML 2021.
 *
 * @param q the probability of the exact gradient, in (0, 1]
 * @throws if q is outside (0, 1]
 */
export function expectedCost(costs: Costs, q: number): number {
  const { det, rnd } = checkOptions("expectedCost", costs, costKeys, "the costs");
  checkNonNegative("expectedCost", "C_det", det);
  checkNonNegative("expectedCost", "C_rnd", rnd);
  return det + checkProbability("expectedCost", q) * rnd;
}

/**
 * Costs in gradient evaluations: C_det = r + 1, the inner steps and the outer gradient; C_rnd = r·c_H + the inner steps
 * that the memory strategy takes once more, none for store and r(r − 1)/2 for recompute.
 *
 * @example
 * stepCosts(10, store, 2); // { det: 11, rnd: 20 }
 * stepCosts(10, recompute, 2); // { det: 11, rnd: 65 }
 *
 * Source: docs/theory.md, section 4.
 *
 * @param r the number of inner steps
 * @param memory how the reverse sweep gets its states
 * @param productCost c_H, the cost of the two products of a step in gradient evaluations; measure it
 * @throws if r is not a whole number ≥ 0, or c_H is negative or not finite
 */
export function stepCosts(r: number, memory: Pick<MemoryStrategy, "extraSteps">, productCost: number): Costs {
  if (!Number.isSafeInteger(r) || r < 0) fail("stepCosts", "wants a whole number of inner steps, at least 0", `${r}`);
  checkNonNegative("stepCosts", "cost of a product", productCost);
  return { det: r + 1, rnd: r * productCost + memory.extraSteps(r) };
}
