import type { Awaitable } from "../../src/executors/executor.js";
import type { State } from "../../src/core/evaluation/machine.js";
import type { Residuals, Walk } from "../../src/core/memory/strategy.js";

interface FakeBuffer {
  readonly shape: readonly [];
  readonly dtype: "int32";
  readonly number: number;
}

/** φ_j of the fake inner loop, by definition: a recurrence that no two different (φ, j) share in these tests. */
export function phi(j: number): number {
  let number = 7;
  for (let i = 1; i <= j; i++) number = next(number, i);
  return number;
}

const next = (number: number, j: number): number => (number * 48271 + j) % 2147483647;

/** An inner loop over whole numbers that keeps an account of every state. */
export class FakeWalk implements Walk {
  readonly from: number;
  readonly to: number;
  readonly start: State;
  /** What was visited, in order: the state's number and j. */
  readonly visits: [number, number][] = [];
  readonly ends: number[] = [];
  steps = 0;
  peakAlive = 0;
  /** Residuals of the last steps, where the walk is asked to have them. */
  readonly residuals: Residuals | undefined;
  /** Steps whose visits got their residuals. */
  readonly resumed: number[] = [];
  /** The most residuals that were held at once. */
  peakResiduals = 0;
  #heldResiduals = 0;
  readonly #alive = new Set<State>();
  readonly #withheld = new Set<State>();
  readonly #answer: <T>(value: T) => Awaitable<T>;

  constructor(from: number, to: number, options: { readonly promises?: boolean; readonly residualSteps?: number } = {}) {
    this.from = from;
    this.to = to;
    this.#answer = options.promises ? value => Promise.resolve(value) : value => value;
    this.start = this.#create(phi(from));
    this.residuals = options.residualSteps === undefined ? undefined : this.#residuals(options.residualSteps);
  }

  get alive(): number {
    return this.#alive.size + this.#withheld.size;
  }

  forward(state: State, j: number): Awaitable<State> {
    this.steps++;
    return this.#answer(this.#create(next(this.#read(state), j)));
  }

  atEnd(state: State): Awaitable<void> {
    this.ends.push(this.#read(state));
    return this.#answer(undefined);
  }

  visit(state: State, j: number): Awaitable<void> {
    this.visits.push([this.#read(state), j]);
    return this.#answer(undefined);
  }

  release(state: State): void {
    if (this.#withheld.delete(state)) {
      this.#heldResiduals--;
      return;
    }
    if (!this.#alive.delete(state)) throw new Error("a state was released twice, or was never created");
  }

  #residuals(steps: number): Residuals {
    const kept = new Map<State, number>();
    return {
      steps,
      forward: (state, j) => {
        this.steps++;
        const residuals: State = [{ shape: [], dtype: "int32" }];
        kept.set(residuals, j);
        this.#withheld.add(residuals);
        this.peakResiduals = Math.max(this.peakResiduals, ++this.#heldResiduals);
        return this.#answer({ state: this.#create(next(this.#read(state), j)), residuals });
      },
      visit: (state, j, residuals) => {
        if (kept.get(residuals) !== j || !this.#withheld.has(residuals)) throw new Error(`these are not the residuals of step ${j}`);
        this.resumed.push(j);
        return this.visit(state, j);
      },
    };
  }

  #create(number: number): State {
    const buffer: FakeBuffer = { shape: [], dtype: "int32", number };
    const state: State = [buffer];
    this.#alive.add(state);
    this.peakAlive = Math.max(this.peakAlive, this.#alive.size);
    return state;
  }

  #read(state: State): number {
    if (!this.#alive.has(state)) throw new Error("a state was used after its release");
    return (state[0] as FakeBuffer).number;
  }
}
