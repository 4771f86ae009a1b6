import type { HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { Quantity, Resampling } from "./bootstrap.js";
import type { StepResult } from "./along-loop.js";
import type { Metasmoothness } from "./metasmoothness.js";
import type { BiasedPrediction, ByExponent, Prediction } from "./predict.js";

/** How a candidate stands to the exact gradient, over all of θ or in one leaf. */
export interface Comparison {
  /** D² = E‖G_exact − G_candidate‖², and D²/V². */
  readonly d2: Quantity;
  readonly ratio: Quantity;
  /** ‖E G_candidate − ∇M‖. */
  readonly bias: Quantity;
  /** Between E G_candidate and ∇M; NaN where one of them is not to be told from zero. */
  readonly cosine: Quantity;
  /** ρ = E⟨G_exact, G_candidate⟩ / √(E‖G_exact‖² E‖G_candidate‖²). */
  readonly rho: Quantity;
  /** c* = E⟨G_exact, G_candidate⟩ / E‖G_candidate‖², the multiple of the candidate that is nearest to the exact gradient. */
  readonly scale: Quantity;
  /** V²(1 − ρ²): D² of that multiple. */
  readonly scaledD2: Quantity;
}

/** A candidate over all of θ, and in its leaves. */
export interface CandidateResult extends Comparison {
  readonly name: string;
  /** By their paths in θ; empty where θ is one array, or has too many leaves. */
  readonly leaves: readonly (Comparison & { readonly path: string; readonly v2: Quantity })[];
}

/** One θ of the short run. */
export interface PointResult {
  /** Outer steps done. */
  readonly step: number;
  readonly v2: Quantity;
  /** ‖∇M‖. */
  readonly gradient: Quantity;
  readonly candidates: readonly (Pick<Comparison, "d2" | "ratio" | "cosine" | "bias"> & { readonly name: string })[];
  readonly theta: HostTree;
}

/** What the parts of an estimate take, counted from the programs in operations of one inner step. */
export interface WorkCosts {
  readonly product: number;
  readonly outer: number;
  /** C_det of the baseline, and C_rnd of the exact gradient beside it by each memory strategy. */
  readonly det: number;
  readonly rnd: Readonly<Record<string, number>>;
}

/** The same by the clock, in seconds: medians, with what holds them in 95 of 100 cases. What would have taken too long to measure is absent. */
export interface ClockCosts {
  readonly step?: Quantity;
  readonly product?: Quantity;
  readonly outer?: Quantity;
  readonly det?: Quantity;
  readonly rnd: Readonly<Record<string, Quantity>>;
  /** The inner loop and its outer gradient, which every estimate takes; whole estimates of each candidate, and of the exact gradient by each strategy. */
  readonly forward?: Quantity;
  readonly candidates: Readonly<Record<string, Quantity>>;
  readonly exact: Readonly<Record<string, Quantity>>;
}

/** Inner states that a memory strategy holds, and whether they fit. */
export interface MemoryResult {
  readonly estimator: string;
  readonly states: number;
  readonly bytes: number;
  readonly fits: boolean;
}

/** What `diagnose` found. */
export interface Diagnosis {
  readonly seed: number;
  readonly innerSteps: number;
  readonly metaBatch: number;
  /** The exact gradient whose draws were taken. */
  readonly target: string;
  /** V² = E‖G_exact‖², and ‖∇M‖, the length of its mean. */
  readonly v2: Quantity;
  readonly gradient: Quantity;
  /** The baseline that UFOM takes where nothing is said: first-order, with the mixed part where the plain form is zero. */
  readonly baseline: string;
  /** Of it. */
  readonly d2: Quantity;
  readonly rho: Quantity;
  readonly scale: Quantity;
  readonly bias: Quantity;
  readonly costs: WorkCosts & { readonly seconds?: ClockCosts };
  /** q* of UFOM over the baseline with the cheapest memory strategy that fits, by p. */
  readonly q: ByExponent<Quantity>;
  readonly candidates: readonly CandidateResult[];
  readonly points: readonly PointResult[];
  /** Tasks at each θ. */
  readonly tasks: number;
  /** What intervals are about: other tasks at these θ, or, where there is one task, other θ of the run. */
  readonly resampled: Resampling;
  readonly memory: { readonly room: number; readonly strategies: readonly MemoryResult[] };
  readonly predictions: readonly Prediction[];
  readonly biased: readonly BiasedPrediction[];
  /** Inner steps along the loop, at the first and the last θ; empty where they were not looked at, which `notes` tells. */
  readonly loop: readonly StepResult[];
  /** Whether φ_r answers steadily to θ; absent where that was not measured, which `notes` tells. */
  readonly metasmoothness?: Metasmoothness;
  /** The spelling of the estimator that is recommended; why, in a sentence; and the same with what is to be said of the others. */
  readonly recommended: string;
  readonly reason: string;
  readonly recommendation: string;
  /** Why sampling ended: intervals are as narrow as asked for, there are as many tasks as allowed, or the budget is spent. */
  readonly ended: "precision" | "tasks" | "budget";
  readonly notes: readonly string[];
  /** What the diagnosis took. */
  readonly counts: Counts;
  readonly seconds: number;
}
