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
  begin(place: Place, u: State): void;
  /** Called with (x_{j−1}, j) for the last `depth` steps. */
  visit(x: State, j: number): Promise<void> | void;
  /** What is left of u, for the start's pull-back, and the gradient that the steps gave to leaves of θ. The caller only borrows both. */
  end(): { readonly u: State; readonly g: ThetaBuffers; readonly leaves: readonly number[] };
  release(): void;
  /** Time spent in visits. */
  readonly seconds: number;
}

/** What an unrolled inner loop gave. */
export interface Unrolled {
  readonly loss: number;
  /** One gradient a sweep, as leaves of θ; undefined is zero. */
  readonly gradients: readonly (HostArray | undefined)[][];
  readonly counts: Counts;
  readonly peakStates: number;
  readonly seconds: { readonly total: number; readonly sweeps: readonly number[]; readonly walk: number };
}

/** Sums by leaf; each addition is rounded to the leaf's dtype. */
async function addLeaves(kernels: Kernels, total: (HostArray | undefined)[], buffers: ThetaBuffers, leaves: readonly number[]): Promise<void> {
  for (const [k, i] of leaves.entries()) {
    const part = await kernels.read(buffers[k]), sum = total[i];
    if (!sum) total[i] = part;
    else for (let n = 0; n < part.data.length; n++) sum.data[n] += part.data[n];
  }
}

/**
 * Runs the inner loop and the sweeps back over it: r steps forward, the outer gradient at φ_r, then the states that the sweeps need,
 * handed out by the memory strategy. Several sweeps share one pass.
 */
export async function unroll(kernels: Kernels, thetaTree: HostTree, taskTree: HostTree, sweeps: readonly Sweep[], memory: MemoryStrategy): Promise<Unrolled> {
  const started = performance.now(), r = kernels.steps;
  const theta = kernels.placeTheta(thetaTree), task = kernels.placeTask(taskTree), place: Place = { kernels, theta, task };
  const depth = Math.max(0, ...sweeps.map(s => s.depth)), from = r - depth;
  let steps = 0, products = 0, peakStates = 1, turnedAt = 0;
  let turned: { loss: number; u: State; outer: (HostArray | undefined)[] } | undefined;

  const forward = (x: State, j: number) => { steps++; return kernels.step(theta, x, task, j); };
  const turn = async (x: State) => {
    const out = await kernels.outer(theta, x, task), outer: (HostArray | undefined)[] = [];
    await addLeaves(kernels, outer, out.theta, kernels.programs.outer.leaves);
    turned = { loss: Number((await kernels.read(out.loss)).data[0]), u: out.u, outer };
    kernels.release([out.loss, ...out.theta]);
    for (const s of sweeps) s.begin(place, out.u);
    turnedAt = performance.now();
  };

  let x = await kernels.init(theta, task);
  for (let j = 1; j <= from; j++) {
    const next = forward(x, j), state = isPromise(next) ? await next : next;
    kernels.release(x);
    x = state;
  }
  if (depth === 0) {
    await turn(x);
    kernels.release(x);
  } else {
    const visit = async (state: State, j: number) => {
      for (const s of sweeps) {
        if (j <= r - s.depth) continue;
        products++;
        const done = s.visit(state, j);
        if (isPromise(done)) await done;
      }
    };
    ({ peakStates } = await memory.walk({ from, to: r, start: x, forward, turn, visit, release: state => kernels.release(state) }));
  }
  if (!turned) throw new Error(`ufom: the memory strategy ${memory.name} must call turn at the last state; it did not.`);
  const walk = (performance.now() - turnedAt) / 1000;

  const gradients: (HostArray | undefined)[][] = [];
  for (const s of sweeps) {
    const { u, g, leaves } = s.end(), start = await kernels.initPullback(theta, task, u);
    const total = turned.outer.map(a => a && { ...a, data: a.data.slice() });
    await addLeaves(kernels, total, g, leaves);
    await addLeaves(kernels, total, start, kernels.programs.initPullback.leaves);
    kernels.release(start);
    s.release();
    gradients.push(total);
  }
  kernels.release(turned.u);
  return {
    loss: turned.loss, gradients, peakStates, counts: { step: steps, product: products, outer: 1 },
    seconds: { total: (performance.now() - started) / 1000, sweeps: sweeps.map(s => s.seconds), walk },
  };
}
