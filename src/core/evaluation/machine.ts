import type { Awaitable, Buffer } from "../../executors/executor.js";
import { isPromise } from "./awaitable.js";
import type { State } from "../memory/strategy.js";
import type { ProblemPrograms, ProgramName } from "../problem/programs.js";

/** The accumulated gradient of the leaves of θ that a program touches. */
export type ThetaBuffers = readonly Buffer[];

/** What a pass over the inner loop is written for: kernels that run now, or a recorder that writes down what is to be run. */
export interface Machine {
  readonly programs: ProblemPrograms;
  /** Runs a program; the caller owns the outputs. */
  call(name: ProgramName, inputs: readonly Buffer[]): Awaitable<Buffer[]>;
  /** Sums of arrays, pair by pair; the caller owns them. */
  add(a: readonly Buffer[], b: readonly Buffer[]): Awaitable<Buffer[]>;
  /** The step index j − 1 as the programs take it; the machine's own. */
  index(j: number): Buffer;
  /** Zeros shaped as leaves of θ: what gradients accumulate from; the machine's own. */
  zeros(leaves: readonly number[]): ThetaBuffers;
  release(state: State): void;
}

/** A problem's programs at a θ and a task, as a machine runs them. */
export class Place {
  constructor(
    readonly machine: Machine,
    readonly theta: State,
    readonly task: State,
  ) {}

  /** x₀ = V(θ, T), with the inner optimizer's first state. */
  init(): Awaitable<State> {
    return this.machine.call("init", [...this.theta, ...this.task]);
  }

  /** x_j = Φ_j(θ, x_{j−1}, T). */
  step(x: State, j: number): Awaitable<State> {
    return this.machine.call("step", [...this.theta, ...x, ...this.task, this.machine.index(j)]);
  }

  /** Outer loss, its gradient with respect to x, and to the leaves `programs.outer.leaves` of θ. */
  outer(x: State): Awaitable<{ loss: Buffer; u: State; theta: ThetaBuffers }> {
    const split = (out: Buffer[]) => ({ loss: out[0], u: out.slice(1, 1 + x.length), theta: out.slice(1 + x.length) });
    const out = this.machine.call("outer", [...this.theta, ...x, ...this.task]);
    return isPromise(out) ? out.then(split) : split(out);
  }

  /** (∂Φ_j/∂x)ᵀu and g + (∂Φ_j/∂θ)ᵀu at x_{j−1}. */
  pullback(x: State, j: number, u: State, g: ThetaBuffers): Awaitable<{ u: State; g: ThetaBuffers }> {
    const split = (out: Buffer[]) => ({ u: out.slice(0, u.length), g: out.slice(u.length) });
    const out = this.machine.call("pullback", [...this.theta, ...x, ...this.task, this.machine.index(j), ...u, ...g]);
    return isPromise(out) ? out.then(split) : split(out);
  }

  /** g + (∂Φ_j/∂θ)ᵀu at x_{j−1}. */
  mixed(x: State, j: number, u: State, g: ThetaBuffers): Awaitable<ThetaBuffers> {
    return this.machine.call("mixed", [...this.theta, ...x, ...this.task, this.machine.index(j), ...u, ...g]);
  }

  /** (∂V/∂θ)ᵀu, for the leaves `programs.initPullback.leaves` of θ. */
  initPullback(u: State): Awaitable<ThetaBuffers> {
    return this.machine.programs.initPullback.leaves.length ? this.machine.call("initPullback", [...this.theta, ...this.task, ...u]) : [];
  }
}
