import type { Awaitable, Buffer } from "../../executors/executor.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import type { Place } from "../evaluation/place.js";
import type { KeptSteps } from "../unroll/kept.js";
import type { Random } from "../random/index.js";
import type { MomentSample } from "../theory/moments.js";
import type { TailSample } from "../theory/tail.js";

/** Plain data: it survives JSON, or is made of host arrays; it is saved in checkpoints and travels to workers. */
export type Data = HostArray | number | string | boolean | null | readonly Data[] | { readonly [key: string]: Data };

/** Lists of host arrays by name. */
export type Arrays = Readonly<Record<string, readonly HostArray[]>>;
/** The same in a machine's memory. */
export type ArraysAt<A extends Arrays = Arrays> = { readonly [K in keyof A]: State };

/** All that is drawn at random, or taken from the state, before a gradient is evaluated; data. */
export interface Choice<P extends Data = Data, A extends Arrays = Arrays> {
  /** The probability of this outcome among `outcomes`; for UFOM of the exact one. 1 where nothing is drawn. */
  readonly probability: number;
  /** Whether the target (for most estimators all there is) is evaluated. */
  readonly exact: boolean;
  /** What is to be run. Choices with equal plans share a recording, so whatever the plan branches on belongs here, and nothing else. */
  readonly plan: P;
  /** Numbers that the plan reads. They reach it in a machine's memory only, so that no recording can keep those of an earlier draw. */
  readonly arrays: A;
}

/** Gradients of the leaves of θ in a machine's memory; undefined is zero. */
export type LeafBuffers = readonly (Buffer | undefined)[];

/** What an estimator computed on a machine. */
export interface Evaluated {
  /** L_out(θ, φ_r, T), or what the estimator takes for it. */
  readonly loss: Buffer;
  readonly gradient: LeafBuffers;
  /** The most inner states held at once; 1 if not given. */
  readonly peakStates?: number;
  /** What `observe` wants to see, read back for it. */
  readonly carry?: Readonly<Record<string, State>>;
}

/** Costs of one draw: the part that every draw has, and what an exact draw takes beside it. */
export interface Costs {
  readonly deterministic: number;
  readonly random: number;
  /** What the target takes alone, where nothing else is needed with it; absent: as much as both. */
  readonly alone?: number;
}

/** What an estimator learns from one of its evaluations. */
export interface Seen<C extends Choice = Choice> {
  readonly choice: C;
  /** What `evaluate` left, on the host. */
  readonly carry: Arrays;
  /** Operations in units of one inner step's, counted from the programs: the same on every machine. */
  readonly work: Costs;
  /** The same by the clock, in seconds; divided as the work is. NaN where the executor does not tell. */
  readonly seconds: Costs;
  /** The number of inner steps, r. */
  readonly steps: number;
  /** What the estimator's `moments` makes of it. */
  readonly moments?: MomentSample;
  /** What its `tail` makes of it. */
  readonly tail?: TailSample;
}

/**
 * What is wrong with an estimator's mean, compared with the exact gradient of M; `none` for an unbiased one, `no gradient` for a direction that is not
 * meant to be one.
 */
export type Bias = "none" | "first-order" | "truncation" | "fixed point" | "smoothing" | "lag" | "no gradient" | "its parts'";

/** What an estimator promises; the conformance suite holds it to this. */
export interface Facts {
  readonly bias: Bias;
  /** Whether `draw` draws: otherwise there is one outcome. */
  readonly random: boolean;
  /**
   * The most inner states that it holds at once, for r inner steps.
   * @param problem whose states are held: with small ones an estimator may keep more of them. Absent, the most for any problem
   */
  states(r: number, problem?: Pick<CompiledProblem, "programs">): number;
  /** What it keeps of steps besides their states, where its memory strategy does that: see `residuals`. */
  residuals?(problem: Pick<CompiledProblem, "programs" | "steps" | "capacity">): KeptSteps | undefined;
  /** Whether its state belongs to one inner problem, so that a run must stay with one task. */
  readonly oneTask?: boolean;
  /**
   * Whether it asks its place for the start of the inner loop and its pull-back, and for the outer loss at the end: then the loop may go on from
   * where an earlier outer step left it (`inner.carry`).
   */
  readonly carries?: boolean;
  /** Of one that evaluates a target with some probability, the target's name. */
  readonly target?: string;
  /** Whether it never moves θ, so that it makes sense as a part of another estimator only. */
  readonly onlyAsPart?: boolean;
  /** How many different plans its draws have, for r inner steps. Beyond a few nothing is recorded, as a plan hardly comes again; absent, few. */
  plans?(r: number): number;
}

/**
 * An estimate of ∇M(θ): a plan that is written for a machine. What is random or remembered is apart from it, as data, so that a test can sum
 * over the outcomes instead of sampling, a run can be saved between any two steps, and any number of tasks become one routine.
 */
export interface Estimator<S extends Data = Data, C extends Choice = Choice> {
  /** Canonical spelling, as on the command line: `exact:checkpoint=8`, `ufom:0.1`. */
  readonly name: string;
  readonly facts: Facts;
  /** Refuses a problem on which the estimate makes no sense. @throws UfomError a sentence that says why */
  check?(problem: CompiledProblem): void;
  /** What it knows before the first draw. @param steps the number of inner steps, r */
  init(theta: HostTree, steps: number): S;
  /** @param task the number of the task, where tasks are a list; else 0 */
  draw(state: S, random: Random, task?: number): C;
  /** All outcomes of a draw, where they are few; their probabilities sum to 1. */
  outcomes?(state: S): readonly C[];
  /**
   * Runs the plan. It must ask the place's machine for everything that depends on numbers, as it is called once and then repeated by its
   * recording.
   */
  evaluate(at: Place, plan: C["plan"], arrays: ArraysAt<C["arrays"]>): Awaitable<Evaluated>;
  /** The state after an evaluation was seen; absent, the state stays. */
  observe?(state: S, seen: Seen<C>): S;
  /**
   * Second moments of two gradients that are compared, from what `evaluate` left, if a draw had both: outer steps tell their mean. What is left is
   * read back for `observe`, and for this where `solve` is asked for moments.
   */
  moments?(choice: C, carry: Arrays): MomentSample | undefined;
  /** How far the weights of a draw drove what it swept, from what `evaluate` left: outer steps tell the farthest. Read as `moments` is. */
  tail?(choice: C, carry: Arrays): TailSample | undefined;
  /** Operations of a choice in units of an inner step's, told without running it: what UFOM weighs. Absent, what was run is counted. */
  work?(problem: CompiledProblem, choice: C): Costs;
}

/**
 * The one choice of an estimator that draws nothing.
 *
 * @example
 * certain.probability; // 1
 */
export const certain: Choice<null, Record<never, never>> = { probability: 1, exact: true, plan: null, arrays: {} };
