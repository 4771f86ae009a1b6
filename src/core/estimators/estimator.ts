import type { HostTree } from "../../tensor/types.js";
import type { Awaitable } from "../../executors/executor.js";
import type { Kernels } from "../evaluation/compiled-problem.js";
import type { MeanEstimate } from "../solve/mean.js";
import type { Random } from "../random/index.js";

/** Work done: inner steps, products (pull-backs of a step), outer losses with their gradients. */
export interface Counts {
  readonly step: number;
  readonly product: number;
  readonly outer: number;
}

/** What was drawn at random before a gradient is evaluated. */
export interface Choice {
  /** Whether the target (exact) gradient is evaluated too. */
  readonly exact: boolean;
  /** The probability with which `exact` was drawn. */
  readonly probability: number;
}

/** Second moments seen in one draw where both gradients were computed: unbiased samples, as the draw is independent. */
export interface MomentSample {
  /** ‖G_target − G_baseline‖². */
  readonly difference: number;
  /** ‖G_target‖². */
  readonly target: number;
  /** ⟨G_target, G_baseline⟩. */
  readonly inner: number;
  /** ‖G_baseline‖². */
  readonly baseline: number;
}

/** One estimate of the hypergradient for one task. */
export interface Estimate {
  /** θ's tree. */
  readonly gradient: HostTree;
  /** L_out(θ, φ_r, T). */
  readonly loss: number;
  readonly counts: Counts;
  /** The most inner states held at once. */
  readonly peakStates: number;
  readonly choice: Choice;
  readonly moments?: MomentSample;
  /** Work in units of one inner step, from the programs' operation counts: the part every draw costs, and the exact part's extra. */
  readonly work: { readonly deterministic: number; readonly random: number };
  /** The same by the clock, in seconds; where both gradients share a pass, the way back is divided by operations. */
  readonly seconds: { readonly deterministic: number; readonly random: number };
}

/**
 * An estimate of ∇M(θ). Drawing is separate from evaluating: summing the outcomes of `estimate` by the probability of
 * their choices gives the mean without sampling.
 */
export interface Estimator<S = unknown> {
  /** Canonical spelling, as on the command line: `exact:checkpoint=8`, `ufom:0.1`. */
  readonly name: string;
  /** Refuses a problem on which the estimate makes no sense. @throws UfomError a sentence that says why */
  check(kernels: Kernels): void;
  init(theta: HostTree): S;
  draw(state: S, random: Random): Choice;
  estimate(kernels: Kernels, theta: HostTree, task: HostTree, choice: Choice): Promise<Estimate>;
  /** The mean over tasks in one go, where that is faster and nothing is to be observed: the bits of the mean of single estimates. */
  mean?(kernels: Kernels, theta: HostTree, tasks: readonly HostTree[]): Awaitable<MeanEstimate | undefined>;
  observe(state: S, estimate: Estimate): S;
}
