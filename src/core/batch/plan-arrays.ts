import type { Buffer, Executor } from "../../executors/executor.js";
import type { ArraysAt, Choice } from "../estimators/estimator.js";
import type { State } from "../evaluation/machine.js";

/** The arrays of choices in an executor's memory: for each task of a batch and each plan that it may draw, always the same buffers. */
export class PlanArrays {
  /** By task, then by plan. */
  readonly #buffers: readonly (readonly (readonly Buffer[])[])[];

  /** @param choices one of each plan */
  constructor(
    private readonly executor: Executor,
    private readonly choices: readonly Choice[],
    tasks: number,
  ) {
    this.#buffers = Array.from({ length: tasks }, () =>
      choices.map(({ arrays }) =>
        Object.values(arrays)
          .flat()
          .map(array => executor.upload(array)),
      ),
    );
  }

  /** The buffers of a task and a plan, in order. */
  of(task: number, plan: number): readonly Buffer[] {
    return this.#buffers[task][plan];
  }

  /** Values of a plan's arrays by their names. */
  named(plan: number, values: State): ArraysAt {
    let at = 0;
    return Object.fromEntries(
      Object.entries(this.choices[plan].arrays).map(([name, arrays]) => [name, values.slice(at, (at += arrays.length))]),
    );
  }

  /** Brings the numbers of a choice. */
  write(task: number, plan: number, { arrays }: Choice): void {
    const buffers = this.#buffers[task][plan];
    if (!buffers.length) return;
    let at = 0;
    for (const name of Object.keys(this.choices[plan].arrays)) for (const array of arrays[name]) this.executor.write(buffers[at++], array);
  }

  dispose(): void {
    for (const buffer of this.#buffers.flat(2)) this.executor.free(buffer);
  }
}
