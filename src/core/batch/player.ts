import type { Awaitable, Buffer, LinkedRoutine, Routine } from "../../executors/executor.js";
import { sumOverCalls } from "../../executors/executor.js";
import { effortOf } from "../../program/effort.js";
import type { Choice } from "../estimators/estimator.js";
import type { State } from "../evaluation/machine.js";
import type { Pauses } from "../evaluation/pauses.js";
import type { Given } from "./batch-buffers.js";

const none: State = [];

/** Runs of a row are made together up to this effort, about a millisecond; one that is longer than that is no part of a row. */
const SHORT = 1e6;

/** Brings the inputs of a batch's routine and plays the parts that were drawn. */
export class Player {
  #inputs: State = [];
  #last: readonly State[] = [];
  readonly #effort: readonly number[];

  /**
   * @param partsOf the parts of a draw; it brings the numbers that they read
   */
  constructor(
    private readonly linked: LinkedRoutine,
    { parts }: Routine,
    private readonly borrowed: State,
    private readonly timed: boolean,
    private readonly partsOf: (choices: readonly Choice[]) => number[],
  ) {
    this.#effort = parts.map(part => sumOverCalls(part, ({ executable }) => effortOf(executable.program)));
  }

  /** Plays a draw. */
  play(given: Given, choices: readonly Choice[], pauses: Pauses): Awaitable<readonly Buffer[]> {
    this.#bring(given);
    return this.linked.runWithPauses(this.#inputs, this.partsOf(choices), this.timed, pauses);
  }

  /** Whether the parts of a draw are so short that several are played before anybody looks at the clock; others are played one by one. */
  isShort(parts: readonly number[]): boolean {
    return this.#effortOf(parts) <= SHORT;
  }

  /** Plays draws in a row, as many as there is time for; the first of them is short. */
  playRow(given: Given, draws: readonly (readonly Choice[])[], pauses: Pauses): readonly Buffer[] {
    this.#bring(given);
    let found: readonly Buffer[] = [],
      parts = this.partsOf(draws[0]),
      k = 1;
    for (;;) {
      let effort = this.#effortOf(parts),
        next: number[] | undefined;
      const together = parts;
      for (; k < draws.length; k++) {
        next = this.partsOf(draws[k]);
        const more = this.#effortOf(next);
        if (effort + more > SHORT) break;
        effort += more;
        together.push(...next);
        next = undefined;
      }
      found = this.linked.run(this.#inputs, together, this.timed);
      if (pauses.due(effort) || !next || this.#effortOf(next) > SHORT) return found;
      parts = next;
      k++;
    }
  }

  #effortOf(parts: readonly number[]): number {
    let effort = 0;
    for (const part of parts) effort += this.#effort[part];
    return effort;
  }

  #bring({ theta, tasks, inputs = none }: Given): void {
    const last = this.#last;
    let same = last.length === tasks.length + 2 && last[0] === theta && last[1] === inputs;
    for (let i = 0; same && i < tasks.length; i++) same = last[i + 2] === tasks[i];
    if (same) return;
    this.#inputs = [theta, ...tasks, inputs, this.borrowed].flat();
    this.#last = [theta, inputs, ...tasks];
  }
}
