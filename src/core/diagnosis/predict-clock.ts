import type { Quantity } from "./bootstrap.js";
import type { Exponent, Prediction } from "./predict.js";
import { byExponent, isExact } from "./predict.js";
import type { ClockCosts } from "./result.js";

/** Operations of an estimate as it is predicted, in units of an inner step's. @param r the number of inner steps */
function workOf({ costs: { det, rnd }, q, products }: Prediction, p: Exponent, r: number): number {
  return det + (q ? q[p].value * rnd : products ? (products.value / r) * rnd : 0);
}

/** Its seconds, where its parts were measured. */
function secondsOf({ baseline, memory, q, products }: Prediction, p: Exponent, clock: ClockCosts): number | undefined {
  const { forward, product } = clock,
    target: Quantity | undefined = clock.exact[memory];
  if (products) return forward && product && forward.value + products.value * product.value;
  if (baseline === undefined) return target?.value;
  const det: Quantity | undefined = clock.candidates[baseline];
  // With both gradients the inner loop is run once.
  return target && det && forward && q && det.value + q[p].value * Math.max(0, target.value - forward.value);
}

/**
 * Predictions with `clock`, where the clock was looked at: the same times with seconds in the place of operations, as a part of those of the fastest exact
 * gradient. q, and second moments with their intervals, stay those of the counted costs; how far seconds wander is not in the intervals.
 */
export function withClock(predictions: readonly Prediction[], clock: ClockCosts | undefined, r: number): readonly Prediction[] {
  const exacts = predictions.filter(one => isExact(one) && one.fits),
    measured = clock ? exacts.flatMap(one => secondsOf(one, "1", clock) ?? []) : [];
  if (!clock || measured.length === 0) return predictions;
  const fastest = Math.min(...measured),
    cheapest = Math.min(...exacts.map(one => workOf(one, "1", r)));
  return predictions.map(one => {
    const by = byExponent(p => {
      const seconds = secondsOf(one, `${p}` as Exponent, clock);
      return seconds === undefined ? undefined : seconds / fastest / (workOf(one, `${p}` as Exponent, r) / cheapest);
    });
    if (by["1"] === undefined) return one;
    const scaled = (p: Exponent): Quantity => {
      const { value, low, high } = one.time[p];
      return { value: by[p]! * value, low: by[p]! * low, high: by[p]! * high };
    };
    return { ...one, clock: byExponent(p => scaled(`${p}` as Exponent)) };
  });
}
