import type { Awaitable } from "../../executors/executor.js";
import type { State } from "../evaluation/machine.js";

/** What the last steps of a walk compute on their way, kept for their visits: activations, normalizations, cotangents. */
export interface Residuals {
  /** How many of the last steps keep theirs; the others keep only their states. */
  readonly steps: number;
  /** φ_j from φ_{j−1}, and the residuals of the step; the caller owns both. */
  forward(state: State, j: number): Awaitable<Resumable>;
  /** As `Walk.visit`, with the residuals of step j, which are only lent too. */
  visit(state: State, j: number, residuals: State): Awaitable<void>;
}

/** What a step comes to that keeps its residuals. */
export interface Resumable {
  readonly state: State;
  readonly residuals: State;
}

/** A stretch of the inner loop that is to be walked back: φ_from … φ_to. */
export interface Walk {
  readonly from: number;
  readonly to: number;
  /** φ_from; the strategy owns it and releases it. */
  readonly start: State;
  /** φ_j from φ_{j−1}; the caller owns the result. */
  forward(state: State, j: number): Awaitable<State>;
  /** φ_to from φ_from, for from ≤ to, as `forward` would come to it; φ_from is given back. Where it is absent, `forward` is called for each step. */
  unroll?(state: State, from: number, to: number): Promise<State>;
  /** Called once, at φ_to, before the first visit: where the outer gradient is taken. The state stays the strategy's own. */
  atEnd(state: State): Awaitable<void>;
  /** Called with (φ_{j−1}, j); the state is only lent. */
  visit(state: State, j: number): Awaitable<void>;
  /** Gives back a state, or residuals. */
  release(state: State): void;
  /** Set for strategies that keep residuals, where that is worth while. */
  readonly residuals?: Residuals;
}

/** The memory and the extra work of a walk. */
export interface WalkReport {
  /** The most states that were held at once, besides the in- and output of the step being computed. */
  readonly peakStates: number;
}

/** How the reverse sweep gets φ_{r−1}, …, φ₀: what separates exact gradients in memory and time (docs/theory.md, section 2). */
export interface MemoryStrategy {
  /** As spelled on the command line: `store`, `checkpoint=8`, `recompute`. */
  readonly name: string;
  /** `reverse`: visits j = to … from+1. `ascending`: visits j = from+1 … to, for sums whose order does not matter. */
  readonly order: "reverse" | "ascending";
  /** Inner steps beyond one forward pass that a walk over r steps will take. */
  extraSteps(r: number): number;
  /** The most states that a walk over r steps holds at once. */
  states(r: number): number;
  /**
   * Of a strategy that keeps residuals: for how many of the last r steps it does.
   * @param bytes what one step keeps
   * @param room bytes that the executor can hold beside the states
   */
  residualSteps?(r: number, bytes: number, room: number): number;
  /** Of a strategy that keeps as many states as a bound of bytes allows: the one that keeps so many. Its own `states` is then the most for states of any size. */
  fit?(bytesOfState: number): MemoryStrategy;
  /**
   * For stretches whose walks lie one within another, the strategies of both: the first one's states are still held, the last that it ran from among
   * them, while the loop goes on. Absent, the strategy itself serves both.
   * @param second how many steps the second stretch has; 0 where the loop just goes on to its end
   */
  parts?(first: number, second: number): readonly [MemoryStrategy, MemoryStrategy];
  walk(walk: Walk): Promise<WalkReport>;
}
