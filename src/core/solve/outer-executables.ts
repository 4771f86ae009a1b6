import type { Awaitable, Executable } from "../../executors/executor.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { isPromise } from "../evaluation/awaitable.js";
import { traceOuter } from "../outer/outer-programs.js";
import type { OuterTransform } from "../outer/transform.js";
import { traceBest } from "./best.js";

/** What an outer step ends with, compiled once when it is first asked for. */
export class OuterExecutables {
  readonly #updates = new Map<string, Awaitable<Executable>>();
  #keep: Awaitable<Executable> | undefined;

  constructor(
    private readonly compiled: CompiledProblem,
    private readonly transform: OuterTransform,
    private readonly theta: unknown,
  ) {}

  /** Keeps the best θ. */
  get keep(): Awaitable<Executable> {
    return (this.#keep ??= this.compiled.executor.compile(traceBest(this.theta, this.compiled.dtype), "best θ"));
  }

  /** The update for a gradient that has these leaves. */
  updateFor(leaves: readonly number[]): Awaitable<Executable> {
    const key = leaves.join(),
      { compiled } = this;
    let update = this.#updates.get(key);
    if (!update) {
      const { update: program } = traceOuter(this.transform, compiled.programs.theta, compiled.dtype, leaves);
      this.#updates.set(key, (update = compiled.executor.compile(program, "outer update")));
    }
    return update;
  }

  /** Gives them back; twice is once. */
  dispose(): void {
    const all = [...this.#updates.values(), ...(this.#keep ? [this.#keep] : [])];
    this.#updates.clear();
    this.#keep = undefined;
    for (const one of all) void (isPromise(one) ? one.then(late => late.dispose()) : one.dispose());
  }
}
