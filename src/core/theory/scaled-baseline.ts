import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import type { MomentSample } from "./moments.js";
import { checkNonNegative } from "./arguments.js";

/** E‖G_exact‖², E⟨G_exact, G_FO⟩ and E‖G_FO‖². */
export type JointMoments = Pick<MomentSample, "target" | "inner" | "baseline">;

const momentKeys: KeysOf<MomentSample> = { target: true, inner: true, baseline: true, difference: true, scale: true };

/** The best multiple of a baseline. */
export interface ScaledBaseline {
  /** c. */
  readonly scale: number;
  /** D²(c), never above V². */
  readonly d2: number;
  /** ρ in [−1, 1], the cosine between target and baseline in the mean square. */
  readonly correlation: number;
}

/**
 * D² where the baseline is multiplied by c: D²(c) = V² − 2c·E⟨G_exact, G_FO⟩ + c²·E‖G_FO‖².
 *
 * @example
 * scaledDifference({ target: 5, inner: 3, baseline: 2 }, 1.5); // 0.5
 *
 * @param scale c
 * @throws if a second moment is negative or not finite
 */
export function scaledDifference(moments: JointMoments, scale: number): number {
  const { target, inner, baseline } = checkOptions<JointMoments>("scaledDifference", moments, momentKeys, "the moments");
  checkNonNegative("scaledDifference", "second moment of the target", target);
  checkNonNegative("scaledDifference", "second moment of the baseline", baseline);
  return Math.max(0, target - 2 * scale * inner + scale * scale * baseline);
}

/**
 * The multiple of the baseline that leaves the least variance; the estimate c·G_FO + (ξ/q)(G_exact − c·G_FO) is unbiased
 * for every c that does not depend on the draw:
 *
 *     c = E⟨G_exact, G_FO⟩ / E‖G_FO‖²,   D²(c) = V²·(1 − ρ²)
 *
 * A baseline that is zero helps at no scale: c = 0, D² = V².
 *
 * @example
 * const { scale, d2 } = scaledBaseline({ target: 5, inner: 3, baseline: 2 });
 * scale; // 1.5
 * d2; // 0.5
 *
 * Source: the control variate of regression; beyond the paper (docs/theory.md, section 5).
 *
 * @throws if a second moment is negative or not finite
 */
export function scaledBaseline(moments: JointMoments): ScaledBaseline {
  const { target, inner, baseline } = checkOptions<JointMoments>("scaledBaseline", moments, momentKeys, "the moments");
  const scale = baseline === 0 ? 0 : inner / baseline;
  const d2 = scaledDifference(moments, scale);
  const lengths = Math.sqrt(target) * Math.sqrt(baseline);
  return { scale, d2, correlation: lengths === 0 ? 0 : Math.max(-1, Math.min(1, inner / lengths)) };
}
