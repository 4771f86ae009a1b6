import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { log } from "../elementary.js";
import type { Costs } from "./cost.js";
import { costKeys } from "./cost.js";
import { checkNonNegative, checkProbability } from "./arguments.js";

/** Second moments, costs, and how much the iterations grow with the second moment. */
export interface TradeOff extends Costs {
  /** V² = E‖G_exact‖². */
  readonly v2: number;
  /** D² = E‖G_exact − G_FO‖². */
  readonly d2: number;
  /** p > 0: iterations grow as E‖G‖²ᵖ; 1 for a constant or tuned step, 2 for γ_k ∝ k^−½ untuned; with γ_k = 10/k 1 is measured on the scalar family. */
  readonly p: number;
  /** C(1), where a draw that has the exact gradient for certain takes less than C_det + C_rnd, since it needs no baseline. */
  readonly one?: number;
}

/**
 * The probability of the exact gradient that costs least for a given accuracy: the minimiser over (0, 1] of
 *
 *     (C_det + q·C_rnd)·(V² + (1/q − 1)·D²)ᵖ
 *
 * It is 1, or the root of C_rnd(V² − D²)q² + (1 − p)C_rnd·D²·q − p·C_det·D² = 0 at which the derivative turns positive,
 * whichever costs less: for p < 1 and V² < D² both can be local minima. With `one`, q = 1 costs that.
 *
 * With D² = 0 the first-order gradient is exact and less is always better: there is no minimiser. Then the answer is
 * `qMin` where one is given, and `undefined` otherwise; where the exact gradient costs nothing, it is 1.
 *
 * @example
 * optimalProbability({ v2: 5, d2: 1, det: 1, rnd: 4, p: 1 }); // 0.25
 * optimalProbability({ v2: 5, d2: 2, det: 3, rnd: 4, p: 1, one: 4 }); // 1
 *
 * Source: Likhosherstov et al., ICML 2021, for V² > D²; the other cases are ours (docs/theory.md, section 5).
 *
 * @param tradeOff V², D², C_det > 0, C_rnd, p > 0, C(1) where it is another, and `qMin` in (0, 1], below which q must not fall
 * @throws if one of them is out of range
 */
export function optimalProbability(tradeOff: TradeOff & { readonly qMin: number }): number;
export function optimalProbability(tradeOff: TradeOff): number | undefined;
export function optimalProbability(tradeOff: TradeOff & { readonly qMin?: number }): number | undefined {
  check(tradeOff);
  const { d2, v2, det, rnd, qMin } = tradeOff,
    one = tradeOff.one ?? det + rnd;
  if (rnd === 0) return 1;
  // Only the ratios matter; without this, products of small moments vanish.
  const [moment, cost] = [Math.max(d2, v2), Math.max(det, rnd)];
  if (moment === 0 || d2 / moment === 0) return one <= det ? 1 : qMin;
  const scaled = { ...tradeOff, d2: d2 / moment, v2: v2 / moment, det: det / cost, rnd: rnd / cost, one: one / cost };

  const least = qMin ?? 0;
  const candidates = [1, interiorMinimum(scaled), qMin].filter((q): q is number => q !== undefined && q > 0 && q >= least && q <= 1);
  return candidates.reduce((best, q) => (logTime(scaled, q) < logTime(scaled, best) ? q : best));
}

/** The positive root at which A q² + B q − C changes from negative to positive, computed without cancellation. */
function interiorMinimum({ d2, v2, det, rnd, p }: TradeOff): number | undefined {
  const [a, b, c] = [rnd * (v2 - d2), (1 - p) * rnd * d2, p * det * d2];
  const discriminant = b * b + 4 * a * c;
  if (discriminant < 0) return undefined;
  const root = Math.sqrt(discriminant);
  if (b >= 0) return (2 * c) / (b + root);
  return a > 0 ? (root - b) / (2 * a) : undefined;
}

const logTime = ({ d2, v2, det, rnd, p, one }: TradeOff & { readonly one: number }, q: number): number =>
  log(q === 1 ? one : det + q * rnd) + p * log(v2 + (1 / q - 1) * d2);

const tradeOffKeys: KeysOf<TradeOff & { qMin?: number }> = { ...costKeys, v2: true, d2: true, p: true, one: true, qMin: true };

function check(tradeOff: TradeOff & { readonly qMin?: number }): void {
  const who = "optimalProbability",
    { d2, v2, det, rnd, p, one, qMin } = checkOptions(who, tradeOff, tradeOffKeys, "the quantities");
  checkNonNegative(who, "D²", d2);
  checkNonNegative(who, "V²", v2);
  checkNonNegative(who, "C_rnd", rnd);
  if (!(det > 0 && Number.isFinite(det))) fail(who, "wants a positive C_det", `${det}`);
  if (!(p > 0 && Number.isFinite(p))) fail(who, "wants a positive exponent p", `${p}`);
  if (one !== undefined && !(one > 0 && Number.isFinite(one))) fail(who, "wants a positive C(1)", `${one}`);
  if (qMin !== undefined) checkProbability(who, qMin);
}
