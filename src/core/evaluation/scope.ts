import type { Awaitable, Buffer, Executable } from "../../executors/executor.js";
import { fail } from "../../tensor/error.js";
import { effortOf } from "../../program/effort.js";
import type { HostArray } from "../../tensor/types.js";
import { showType } from "../../tensor/types.js";
import type { Definition } from "../problem/definitions.js";
import { isPromise } from "./awaitable.js";
import type { CompiledProblem } from "./compiled-problem.js";
import type { Formula, Machine, State } from "./machine.js";
import { isDefinition } from "./machine.js";
import type { Pauses } from "./pauses.js";
import { indexArray, KEPT_INDICES } from "./step-index.js";

/** So many indices beyond those that are kept hold at once. */
const RING = 256;

/**
 * A machine that runs programs now, one by one. It owns what they give until it is closed, so that nothing stays behind, whatever throws. Between
 * two calls the event loop turns where it is time to, so that no plan has to see to that.
 */
export class Scope implements Machine {
  readonly tally = new Map<Definition, number>();
  readonly #owned = new Set<Buffer>();

  readonly #ring: Buffer[] = [];
  readonly #index: HostArray = { shape: [], dtype: "int32", data: new Int32Array(1) };

  constructor(
    private readonly compiled: CompiledProblem,
    private readonly pauses: Pauses,
  ) {}

  get programs() {
    return this.compiled.programs;
  }

  get steps() {
    return this.compiled.steps;
  }

  get capacity() {
    return this.compiled.capacity;
  }

  run(program: Definition | Formula, ...inputs: readonly State[]): Awaitable<Buffer[]> {
    if (isDefinition(program)) this.tally.set(program, (this.tally.get(program) ?? 0) + 1);
    const executable = this.compiled.executable(program, inputs),
      given: Buffer[] = [];
    // Not `flat`, which takes about as long as a small step.
    for (const list of inputs) for (let i = 0; i < list.length; i++) given.push(list[i]);
    return isPromise(executable) ? executable.then(e => this.#next(e, given)) : this.#next(executable, given);
  }

  #next(executable: Executable, inputs: State): Awaitable<Buffer[]> {
    return this.pauses.due(effortOf(executable.program))
      ? this.pauses.pause().then(() => this.#call(executable, inputs))
      : this.#call(executable, inputs);
  }

  #call(executable: Executable, inputs: State): Awaitable<Buffer[]> {
    const outputs = executable.run(inputs);
    return isPromise(outputs) ? outputs.then(this.#owning) : this.#owning(outputs);
  }

  readonly #owning = (buffers: Buffer[]): Buffer[] => {
    for (const buffer of buffers) this.#owned.add(buffer);
    return buffers;
  };

  async iterate(start: State, first: number, last: number, step: (x: State, j: number) => Awaitable<State>): Promise<State> {
    let x = start;
    for (let j = first; j <= last; j++) {
      const next = step(x, j),
        state = isPromise(next) ? await next : next;
      this.release(x);
      x = state;
    }
    return x;
  }

  constant(array: HostArray): Buffer {
    return this.compiled.constant(array);
  }

  index(i: number): Buffer {
    if (i < KEPT_INDICES) return this.constant(indexArray(i));
    const { executor } = this.compiled,
      known = this.#ring[i % RING] as Buffer | undefined;
    this.#index.data[0] = i;
    if (known) executor.write(known, this.#index);
    return known ?? (this.#ring[i % RING] = this.own(executor.upload(this.#index)));
  }

  release(state: State): void {
    for (const buffer of state) {
      if (!this.#owned.delete(buffer)) fail("release", "takes what this machine's programs gave, once", showType(buffer));
      this.compiled.executor.free(buffer);
    }
  }

  /** Owns a further array: it is given back with the others. */
  own(buffer: Buffer): Buffer {
    this.#owned.add(buffer);
    return buffer;
  }

  /** Gives back all that was not released. */
  close(): void {
    for (const buffer of this.#owned) this.compiled.executor.free(buffer);
    this.#owned.clear();
  }
}
