import type { Moments } from "./bootstrap.js";
import { kind, KINDS } from "./inner-products.js";

/** Second moments of a target and a candidate; see `momentsOf`. */
export interface CandidateMoments {
  /** V² = E‖G_target‖². */
  readonly v2: number;
  /** D² = E‖G_target − G_candidate‖². */
  readonly d2: number;
  /** E⟨G_target, G_candidate⟩ and E‖G_candidate‖². */
  readonly inner: number;
  readonly c2: number;
  /** The same of the means over tasks: ‖E G_target‖², ‖E(G_target − G_candidate)‖², ⟨E G_target, E G_candidate⟩, ‖E G_candidate‖². */
  readonly mean: { readonly target: number; readonly bias: number; readonly inner: number; readonly candidate: number };
}

/** The moments of a candidate in a scope: 0 for the whole of θ, 1, 2, … for its leaves. */
export function momentsOf({ own, cross }: Moments, candidates: number, candidate: number, scope = 0): CandidateMoments {
  const at = (scope * candidates + candidate) * KINDS;
  return {
    v2: own[at + kind.target],
    d2: own[at + kind.difference],
    inner: own[at + kind.inner],
    c2: own[at + kind.baseline],
    mean: {
      target: cross[at + kind.target],
      bias: cross[at + kind.difference],
      inner: cross[at + kind.inner],
      candidate: cross[at + kind.baseline],
    },
  };
}

const root = (square: number): number => Math.sqrt(Math.max(0, square));
const within = (x: number): number => Math.max(-1, Math.min(1, x));
/** a/b, and 0 of 0 by 0. */
const ratio = (a: number, b: number): number => (b === 0 && a === 0 ? 0 : a / b);

/** ‖E G_target − E G_candidate‖: how long the bias is. */
export const biasOf = ({ mean }: CandidateMoments): number => root(mean.bias);

/** ‖E G_target‖: how long the gradient is. */
export const gradientOf = ({ mean }: CandidateMoments): number => root(mean.target);

/** The cosine between E G_target and E G_candidate; NaN where one of them is not to be told from zero. */
export const cosineOf = ({ mean }: CandidateMoments): number =>
  mean.target > 0 && mean.candidate > 0 ? within(mean.inner / Math.sqrt(mean.target) / Math.sqrt(mean.candidate)) : NaN;

/** ρ = E⟨G_target, G_candidate⟩ / √(E‖G_target‖² E‖G_candidate‖²); 0 of a candidate that is zero. */
export const correlationOf = ({ v2, inner, c2 }: CandidateMoments): number =>
  v2 > 0 && c2 > 0 ? within(inner / Math.sqrt(v2) / Math.sqrt(c2)) : 0;

/** c* = E⟨G_target, G_candidate⟩ / E‖G_candidate‖²; 0 of a candidate that is zero. */
export const scaleOf = ({ inner, c2 }: CandidateMoments): number => (c2 > 0 ? inner / c2 : 0);

/** D²/V². */
export const ratioOf = ({ d2, v2 }: CandidateMoments): number => ratio(d2, v2);

/** V²(1 − ρ²), what D² is where the candidate is multiplied by c*. */
export const scaledOf = (moments: CandidateMoments): number => {
  const rho = correlationOf(moments);
  return moments.v2 * (1 - rho * rho);
};

/**
 * The second moment of the mean over a meta-batch of m draws of the target, times m: V² + (m − 1)‖E G‖². It stands in the place of V² where the
 * estimate of an outer step is such a mean, as D² is divided by m there.
 */
export const batchMoment = ({ v2, mean }: CandidateMoments, metaBatch: number): number => v2 + (metaBatch - 1) * Math.max(0, mean.target);
