import type { Awaitable, Buffer } from "../../executors/executor.js";
import { fail } from "../../tensor/error.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { Counts } from "../estimators/estimator.js";
import type { Place, ThetaBuffers } from "../evaluation/machine.js";
import type { MemoryStrategy, State } from "../memory/strategy.js";

/** What a pass back over the inner steps makes of u_r = ∂_φ L_out(φ_r): one object for one gradient. */
export interface Sweep {
  /** Tells it from all others, with its depth: `reverse:10`. */
  readonly name: string;
  /** How many steps back it goes. */
  readonly depth: number;
  /** In which order it takes the steps. */
  readonly order: "reverse" | "any";
  /** What a visit runs. */
  readonly program: "pullback" | "mixed";
  /** Starts it at φ_r. The sweep only borrows u_r. */
  begin(place: Place, u: State): SweepUnderway;
}

/** A sweep on its way back. */
export interface SweepUnderway {
  /** Called with (x_{j−1}, j) for the last `depth` steps. */
  visit(x: State, j: number): Awaitable<void>;
  /** What is left of u, for the start's pull-back, and the gradient that the steps gave to leaves of θ. The caller only borrows both. */
  end(): { readonly u: State; readonly g: ThetaBuffers; readonly leaves: readonly number[] };
  /** Gives back what the sweep owns. */
  release(): void;
}

/** Gradients of the leaves of θ in a machine's memory; undefined is zero. */
export type LeafBuffers = (Buffer | undefined)[];

/** What a pass gave. */
export interface Passed {
  readonly loss: Buffer;
  /** One a sweep. */
  readonly gradients: readonly LeafBuffers[];
  readonly counts: Counts;
  readonly peakStates: number;
}

/** Where the leaves of each gradient are in a list; undefined is zero. */
export type OutcomeShape = readonly (readonly (number | undefined)[])[];

/** What a pass gave as one list: the loss, then the leaves that there are of each gradient. */
export function listed({ loss, gradients }: Passed): { readonly buffers: readonly Buffer[]; readonly shape: OutcomeShape } {
  const buffers = [loss],
    shape = gradients.map(leaves => Array.from(leaves, leaf => leaf && buffers.push(leaf) - 1));
  return { buffers, shape };
}

export const deepest = (sweeps: readonly Sweep[]): number => Math.max(0, ...sweeps.map(s => s.depth));

/**
 * One pass over the inner loop: r steps forward, the outer gradient at φ_r, then sweeps back over the states that a memory strategy hands
 * out. It owns what it gives until it is released.
 */
export class Pass {
  #steps = 0;
  #products = 0;
  #outer: { readonly loss: Buffer; readonly u: State; readonly gradient: LeafBuffers } | undefined;
  readonly #underway: SweepUnderway[] = [];
  readonly #owned: Buffer[] = [];

  /** @param turned called when the outer gradient has been taken */
  constructor(
    private readonly place: Place,
    private readonly sweeps: readonly Sweep[],
    private readonly turned: () => void,
  ) {}

  /** The whole pass, over `steps` inner steps. @throws what a program throws; `release` is to be called all the same */
  async run(steps: number, memory: MemoryStrategy): Promise<Passed> {
    if (memory.order !== "reverse" && this.sweeps.some(s => s.order === "reverse")) {
      fail("a reverse sweep", "needs a memory strategy that visits in reverse order", memory.name);
    }
    const { machine } = this.place,
      from = steps - deepest(this.sweeps),
      start = await this.#runTo(from);
    const { peakStates } = await memory.walk({
      from,
      to: steps,
      start,
      forward: this.#forward,
      turn: this.#turn,
      visit: (x, j) => this.#visit(x, j, steps),
      release: state => machine.release(state),
    });
    const { loss, gradient } = this.#outer ?? fail(`the memory strategy ${memory.name}`, "must call turn at the last state", "no call");
    const gradients: LeafBuffers[] = [];
    for (const sweep of this.#underway) {
      const { u, g, leaves } = sweep.end(),
        fromStart = await this.place.initPullback(u);
      this.#owned.push(...fromStart);
      const total = [...gradient];
      await this.#accumulate(total, g, leaves);
      await this.#accumulate(total, fromStart, machine.programs.initPullback.leaves);
      gradients.push(total);
    }
    // A loop that keeps nothing still has the state at hand.
    return { loss, gradients, peakStates: Math.max(1, peakStates), counts: { step: this.#steps, product: this.#products, outer: 1 } };
  }

  readonly #forward = (x: State, j: number): Awaitable<State> => {
    this.#steps++;
    return this.place.step(x, j);
  };

  /** x_j, and none of the states before it. */
  async #runTo(j: number): Promise<State> {
    const { machine } = this.place;
    let x = await this.place.init();
    for (let i = 1; i <= j; i++) {
      try {
        const next = this.#forward(x, i),
          state = isPromise(next) ? await next : next;
        machine.release(x);
        x = state;
      } catch (error) {
        machine.release(x);
        throw error;
      }
    }
    return x;
  }

  readonly #turn = async (x: State): Promise<void> => {
    const { loss, u, theta } = await this.place.outer(x),
      gradient: LeafBuffers = [];
    this.#owned.push(loss, ...u, ...theta);
    this.place.machine.programs.outer.leaves.forEach((leaf, k) => (gradient[leaf] = theta[k]));
    this.#outer = { loss, u, gradient };
    for (const sweep of this.sweeps) this.#underway.push(sweep.begin(this.place, u));
    this.turned();
  };

  #visit(x: State, j: number, steps: number): Awaitable<void> {
    let pending: Promise<void> | undefined;
    for (let i = 0; i < this.sweeps.length; i++) {
      if (j <= steps - this.sweeps[i].depth) continue;
      this.#products++;
      const sweep = this.#underway[i],
        done = pending ? pending.then(() => sweep.visit(x, j)) : sweep.visit(x, j);
      if (isPromise(done)) pending = done;
    }
    return pending;
  }

  /** Adds to the leaves that have something already, and gives the others what is new. */
  async #accumulate(total: LeafBuffers, buffers: ThetaBuffers, leaves: readonly number[]): Promise<void> {
    const both = leaves.flatMap((leaf, k) => (total[leaf] ? [{ leaf, old: total[leaf], added: buffers[k] }] : []));
    leaves.forEach((leaf, k) => (total[leaf] ??= buffers[k]));
    if (!both.length) return;
    const sums = await this.place.machine.add(
      both.map(({ old }) => old),
      both.map(({ added }) => added),
    );
    this.#owned.push(...sums);
    both.forEach(({ leaf }, k) => (total[leaf] = sums[k]));
  }

  release(): void {
    for (const sweep of this.#underway) sweep.release();
    this.place.machine.release(this.#owned);
  }
}
