import { isPromise } from "../awaitable.js";
import type { ThetaBuffers } from "../kernels.js";
import type { State } from "../memory/strategy.js";
import type { Place, Sweep } from "../unroll.js";

/** What every sweep has: where it runs, u_r, and the clock. */
abstract class BaseSweep implements Sweep {
  seconds = 0;
  protected place!: Place;
  protected u: State = [];
  protected g: ThetaBuffers = [];
  protected abstract readonly program: "pullback" | "mixed";

  constructor(readonly depth: number) {}

  begin(place: Place, u: State): void {
    this.place = place;
    this.u = u;
    // Without a step to pull back there is nothing to accumulate, and the program need not exist.
    if (this.depth) this.g = place.kernels.zeros(place.kernels.programs[this.program]);
  }

  async visit(x: State, j: number): Promise<void> {
    const started = performance.now(), moved = this.move(x, j);
    if (isPromise(moved)) await moved;
    this.seconds += (performance.now() - started) / 1000;
  }

  protected abstract move(x: State, j: number): Promise<void> | void;

  end() {
    const { kernels } = this.place;
    return { u: this.u, g: this.g, leaves: this.depth ? kernels.programs[this.program].leaves : [] };
  }

  release(): void {
    this.place.kernels.release(this.g);
    this.g = [];
  }
}

/**
 * The exact reverse sweep over the last `depth` steps:
 * g ← g + (∂Φ_j/∂θ)ᵀu_j,  u_{j−1} = (∂Φ_j/∂x)ᵀu_j.
 * Depth r is the exact gradient, K < r the truncated one, 0 the first-order one.
 */
export class ReverseSweep extends BaseSweep {
  protected readonly program = "pullback";
  #own = false;

  protected move(x: State, j: number): Promise<void> | void {
    const { kernels, theta, task } = this.place, out = kernels.pullback(theta, x, task, j, this.u, this.g);
    if (isPromise(out)) return out.then(next => this.#advance(next));
    this.#advance(out);
  }

  #advance({ u, g }: { u: State; g: ThetaBuffers }): void {
    const { kernels } = this.place;
    if (this.#own) kernels.release(this.u);
    kernels.release(this.g);
    this.u = u;
    this.g = g;
    this.#own = true;
  }

  override release(): void {
    super.release();
    if (this.#own) this.place.kernels.release(this.u);
    this.#own = false;
  }
}

/**
 * The first-order sweep that keeps the mixed part: u_j = u_r for all j, g ← g + (∂Φ_j/∂θ)ᵀu_r. The order of the steps does not matter.
 */
export class MixedSweep extends BaseSweep {
  protected readonly program = "mixed";

  protected move(x: State, j: number): Promise<void> | void {
    const { kernels, theta, task } = this.place, out = kernels.mixed(theta, x, task, j, this.u, this.g);
    if (isPromise(out)) return out.then(g => this.#advance(g));
    this.#advance(out);
  }

  #advance(g: ThetaBuffers): void {
    this.place.kernels.release(this.g);
    this.g = g;
  }
}
