import type { StepRecord } from "./problems/problem-entry.js";

/** The steps that are kept of a run, at most twice as many as these. */
const enough = 10_000;
/** The first steps, all of which are kept. */
const first = 10;

/**
 * The steps of a run for its report, as many as can be drawn: all of them, and of very many every second, fourth, eighth …, beside those for which
 * figures were taken. Which they are depends on the steps alone, not on where a run was stopped.
 */
export class History {
  #steps: StepRecord[] = [];
  #every = 1;
  #last: StepRecord | undefined;

  add(step: StepRecord): void {
    this.#last = step;
    if (!this.#keeps(step)) return;
    this.#steps.push(step);
    if (this.#steps.length < 2 * enough) return;
    this.#every *= 2;
    this.#steps = this.#steps.filter(old => this.#keeps(old));
  }

  #keeps({ index, tracked }: StepRecord): boolean {
    return index <= first || tracked !== undefined || index % this.#every === 0;
  }

  /** In their order; the last is always among them. */
  get steps(): readonly StepRecord[] {
    return this.#last === undefined || this.#steps.at(-1) === this.#last ? this.#steps : [...this.#steps, this.#last];
  }
}
