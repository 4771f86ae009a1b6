import type { Awaitable, Buffer } from "../../executors/executor.js";
import { init, initPullback, mixed, outer, pullback, step } from "../problem/definitions.js";
import type { Definition } from "../problem/definitions.js";
import type { KeptStep } from "../problem/kept-steps.js";
import { outerLoss } from "../problem/outer-loss.js";
import { isPromise } from "./awaitable.js";
import type { Machine, State } from "./machine.js";

/** Gradients of leaves of θ that a program touches. */
export type ThetaBuffers = readonly Buffer[];

/** What a step kept for its products. */
export interface KeptResiduals {
  readonly step: KeptStep;
  readonly residuals: State;
}

/** A problem at a θ and a task, on a machine: what an estimator is evaluated at. */
export class Place {
  constructor(
    readonly machine: Machine,
    readonly theta: State,
    readonly task: State,
  ) {}

  /** The same task at another θ, which has the types of this one. */
  at(theta: State): Place {
    return new Place(this.machine, theta, this.task);
  }

  /** x₀ = V(θ, T), with the inner optimizer's first state. */
  init(): Awaitable<State> {
    return this.machine.run(init, this.theta, this.task);
  }

  /** x_j = Φ_j(θ, x_{j−1}, T). */
  step(x: State, j: number): Awaitable<State> {
    return this.machine.run(step, this.theta, x, this.task, [this.index(j)]);
  }

  /** x_last from x_{first−1}, which is given back as all states on the way are. */
  unroll(start: State, first = 1, last = this.machine.steps): Promise<State> {
    return this.machine.iterate(start, first, last, (x, j) => this.step(x, j));
  }

  /** Outer loss, its gradient with respect to x, and to the leaves `programs.of(outer).leaves` of θ. */
  outer(x: State): Awaitable<{ loss: Buffer; u: State; theta: ThetaBuffers }> {
    const split = (out: Buffer[]) => ({ loss: out[0], u: out.slice(1, 1 + x.length), theta: out.slice(1 + x.length) });
    return after(this.machine.run(outer, this.theta, x, this.task), split);
  }

  /** L_out(θ, φ, T), without its gradient. */
  outerLoss(x: State): Awaitable<Buffer> {
    return after(this.machine.run(outerLoss, this.theta, x, this.task), ([loss]) => loss);
  }

  /** (∂Φ_j/∂x)ᵀu and g + (∂Φ_j/∂θ)ᵀu at x_{j−1}, g for the leaves `programs.of(pullback).leaves` of θ. */
  pullback(x: State, j: number, u: State, g: ThetaBuffers, kept?: KeptResiduals): Awaitable<{ u: State; g: ThetaBuffers }> {
    const split = (out: Buffer[]) => ({ u: out.slice(0, u.length), g: out.slice(u.length) });
    return after(this.#product(pullback, x, j, u, g, kept), split);
  }

  /** g + (∂Φ_j/∂θ)ᵀu at x_{j−1}, for the leaves `programs.of(mixed).leaves` of θ. */
  mixed(x: State, j: number, u: State, g: ThetaBuffers, kept?: KeptResiduals): Awaitable<ThetaBuffers> {
    return this.#product(mixed, x, j, u, g, kept);
  }

  /** x_j with the residuals of the step: what its products need again. */
  stepKeeping(kept: KeptStep, x: State, j: number): Awaitable<{ state: State; residuals: State }> {
    const split = (out: Buffer[]) => ({ state: out.slice(0, x.length), residuals: out.slice(x.length) });
    return after(this.machine.run(kept.step, this.theta, x, this.task, [this.index(j)]), split);
  }

  /** A product of step j, from what the step kept if there is something. */
  #product(product: Definition, x: State, j: number, u: State, g: ThetaBuffers, kept?: KeptResiduals): Awaitable<Buffer[]> {
    const resumed = kept?.step.products.get(product);
    if (!kept || !resumed) return this.machine.run(product, this.theta, x, this.task, [this.index(j)], u, g);
    const read = resumed.reads.map(k => kept.residuals[k]);
    return this.machine.run(resumed.definition, this.theta, x, this.task, [this.index(j)], u, g, read);
  }

  /** The leaves of θ that the start depends on. */
  get startLeaves(): readonly number[] {
    return this.machine.programs.of(initPullback).leaves;
  }

  /** (∂V/∂θ)ᵀu, for the leaves `startLeaves` of θ. */
  initPullback(u: State): Awaitable<ThetaBuffers> {
    return this.startLeaves.length ? this.machine.run(initPullback, this.theta, this.task, u) : [];
  }

  /** The step index j − 1 as programs take it: for the calls that follow, as beyond 2^14 only the last 256 that were asked for hold. */
  index(j: number): Buffer {
    return this.machine.index(j - 1);
  }

  /** Zeros shaped as leaves of θ: what gradients accumulate from. */
  zeros(leaves: readonly number[]): ThetaBuffers {
    const { machine } = this;
    return leaves.map(leaf => machine.constant(machine.programs.zeros(leaf)));
  }
}

const after = <A, B>(answer: Awaitable<A>, f: (a: A) => B): Awaitable<B> => (isPromise(answer) ? answer.then(f) : f(answer));
