import type { Buffer, Executor } from "../../executors/executor.js";
import type { HostArray } from "../../tensor/types.js";
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
  write(task: number, plan: number, choice: Choice): void {
    const buffers = this.#buffers[task][plan];
    if (buffers.length) this.#arraysOf(plan, choice).forEach((array, i) => this.executor.write(buffers[i], array));
  }

  /** Whether the draws of several steps read the same arrays wherever they have the same plan: there is one place for them. */
  agree(draws: readonly (readonly Choice[])[], planOf: (choice: Choice) => number): boolean {
    const first = new Map<string, readonly HostArray[]>();
    return draws.every(choices =>
      choices.every((choice, task) => {
        const plan = planOf(choice),
          own = this.#arraysOf(plan, choice),
          key = `${task} ${plan}`,
          known = first.get(key) ?? own;
        first.set(key, known);
        return known.every((array, i) => array === own[i]);
      }),
    );
  }

  #arraysOf(plan: number, { arrays }: Choice): readonly HostArray[] {
    return Object.keys(this.choices[plan].arrays).flatMap(name => arrays[name]);
  }

  dispose(): void {
    for (const buffer of this.#buffers.flat(2)) this.executor.free(buffer);
  }
}
