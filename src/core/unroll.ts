import type { Awaitable } from "../executors/executor.js";
import { fail } from "../tensor/error.js";
import type { HostArray, HostTree } from "../tensor/types.js";
import { isPromise } from "./awaitable.js";
import type { Counts } from "./estimators/estimator.js";
import type { Kernels, ThetaBuffers } from "./kernels.js";
import type { MemoryStrategy, State } from "./memory/strategy.js";

/** Where an inner loop is evaluated. */
export interface Place {
  readonly kernels: Kernels;
  readonly theta: State;
  readonly task: State;
}

/** What a pass back over the inner steps makes of u_r = ∂_φ L_out(φ_r): one object for one gradient. */
export interface Sweep {
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
  /** Time spent in visits. */
  readonly seconds: number;
}

/** Gradients of the leaves of θ; undefined is zero. */
export type LeafGradients = (HostArray | undefined)[];

/** What an unrolled inner loop gave. */
export interface Unrolled {
  readonly loss: number;
  /** One a sweep. */
  readonly gradients: readonly LeafGradients[];
  readonly counts: Counts;
  readonly peakStates: number;
  /** By the clock: all of it, the forward pass to φ_r with the outer gradient, what came after, and each sweep's visits. */
  readonly seconds: { readonly total: number; readonly forward: number; readonly back: number; readonly sweeps: readonly number[] };
}

/**
 * Runs the inner loop and the sweeps back over it: r steps forward, the outer gradient at φ_r, then the states that the sweeps need,
 * handed out by the memory strategy. Several sweeps share one pass. Whatever throws, no buffer stays behind.
 */
export async function unroll(
  kernels: Kernels,
  theta: HostTree,
  task: HostTree,
  sweeps: readonly Sweep[],
  memory: MemoryStrategy,
): Promise<Unrolled> {
  if (memory.order !== "reverse" && sweeps.some(s => s.order === "reverse")) {
    fail("a reverse sweep", "needs a memory strategy that visits in reverse order", memory.name);
  }
  const pass = new Pass({ kernels, theta: kernels.placeTheta(theta), task: kernels.placeTask(task) }, sweeps);
  const to = kernels.steps,
    from = to - deepest(sweeps);
  try {
    const start = await pass.runTo(from),
      { forward, turn, visit } = pass;
    const { peakStates } = await memory.walk({ from, to, start, forward, turn, visit, release: state => kernels.release(state) });
    // A loop that keeps nothing still has the state at hand.
    return await pass.finish(Math.max(1, peakStates), memory);
  } finally {
    pass.release();
  }
}

const deepest = (sweeps: readonly Sweep[]): number => Math.max(0, ...sweeps.map(s => s.depth));

/** Arithmetic operations of a pass, in units of an inner step's: counted from the programs, so that they are the same on every machine. */
export function workOf(kernels: Kernels, sweeps: readonly Sweep[], memory: MemoryStrategy): number {
  const steps = kernels.steps + memory.extraSteps(deepest(sweeps));
  const back = sweeps.reduce((sum, { depth, program }) => sum + (depth && depth * kernels.work(program)) + kernels.work("initPullback"), 0);
  return kernels.work("init") + steps + kernels.work("outer") + back;
}

/** One pass over the inner loop, and what it owns on the way. */
class Pass {
  readonly #started = performance.now();
  #turnedAt = 0;
  #steps = 0;
  #products = 0;
  #outer: { readonly loss: number; readonly u: State; readonly gradient: LeafGradients } | undefined;
  readonly #underway: SweepUnderway[] = [];

  constructor(
    private readonly place: Place,
    private readonly sweeps: readonly Sweep[],
  ) {}

  readonly forward = (x: State, j: number): Awaitable<State> => {
    const { kernels, theta, task } = this.place;
    this.#steps++;
    return kernels.step(theta, x, task, j);
  };

  /** x_j, and none of the states before it. */
  async runTo(j: number): Promise<State> {
    const { kernels, theta, task } = this.place;
    let x = await kernels.init(theta, task);
    for (let i = 1; i <= j; i++) {
      try {
        const next = this.forward(x, i),
          state = isPromise(next) ? await next : next;
        kernels.release(x);
        x = state;
      } catch (error) {
        kernels.release(x);
        throw error;
      }
    }
    return x;
  }

  readonly turn = async (x: State): Promise<void> => {
    const { kernels, theta, task } = this.place,
      { loss, u, theta: parts } = await kernels.outer(theta, x, task),
      gradient: LeafGradients = [];
    try {
      await addLeaves(kernels, gradient, parts, kernels.programs.outer.leaves);
      this.#outer = { loss: (await kernels.read(loss)).data[0], u, gradient };
    } catch (error) {
      kernels.release(u);
      throw error;
    } finally {
      kernels.release([loss, ...parts]);
    }
    for (const sweep of this.sweeps) this.#underway.push(sweep.begin(this.place, u));
    this.#turnedAt = performance.now();
  };

  readonly visit = (x: State, j: number): Awaitable<void> => {
    let pending: Promise<void> | undefined;
    for (let i = 0; i < this.sweeps.length; i++) {
      if (j <= this.place.kernels.steps - this.sweeps[i].depth) continue;
      this.#products++;
      const sweep = this.#underway[i],
        done = pending ? pending.then(() => sweep.visit(x, j)) : sweep.visit(x, j);
      if (isPromise(done)) pending = done;
    }
    return pending;
  };

  async finish(peakStates: number, memory: MemoryStrategy): Promise<Unrolled> {
    const { kernels, theta, task } = this.place,
      walked = performance.now();
    const outer = this.#outer ?? fail(`the memory strategy ${memory.name}`, "must call turn at the last state", "no call");
    const gradients: LeafGradients[] = [];
    for (const sweep of this.#underway) {
      const { u, g, leaves } = sweep.end(),
        start = await kernels.initPullback(theta, task, u);
      // Several sweeps add to the same outer gradient.
      const total = this.#underway.length === 1 ? outer.gradient : outer.gradient.map(a => a && { ...a, data: a.data.slice() });
      try {
        await addLeaves(kernels, total, g, leaves);
        await addLeaves(kernels, total, start, kernels.programs.initPullback.leaves);
      } finally {
        kernels.release(start);
      }
      gradients.push(total);
    }
    const seconds = (from: number, to: number) => (to - from) / 1000;
    return {
      loss: outer.loss,
      gradients,
      peakStates,
      counts: { step: this.#steps, product: this.#products, outer: 1 },
      seconds: {
        total: seconds(this.#started, performance.now()),
        forward: seconds(this.#started, this.#turnedAt),
        back: seconds(this.#turnedAt, walked),
        sweeps: this.#underway.map(s => s.seconds),
      },
    };
  }

  release(): void {
    for (const sweep of this.#underway) sweep.release();
    if (this.#outer) this.place.kernels.release(this.#outer.u);
  }
}

/** Sums by leaf; each addition is rounded to the leaf's dtype. */
async function addLeaves(kernels: Kernels, total: LeafGradients, buffers: ThetaBuffers, leaves: readonly number[]): Promise<void> {
  for (let k = 0; k < leaves.length; k++) {
    const answer = kernels.read(buffers[k]),
      part = isPromise(answer) ? await answer : answer,
      i = leaves[k],
      sum = total[i];
    if (!sum) total[i] = part;
    else for (let n = 0; n < part.data.length; n++) sum.data[n] += part.data[n];
  }
}
