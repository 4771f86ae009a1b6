import type { Diagnosed, StepRecord } from "./problems/problem-entry.js";

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
  /** Of all steps, and of those that had both gradients. */
  readonly #all = { steps: 0, probability: 0 };
  readonly #both = { steps: 0, difference: 0, target: 0, cosine: 0 };

  add(step: StepRecord): void {
    this.#last = step;
    this.#count(step);
    if (!this.#keeps(step)) return;
    this.#steps.push(step);
    if (this.#steps.length < 2 * enough) return;
    this.#every *= 2;
    this.#steps = this.#steps.filter(old => this.#keeps(old));
  }

  #keeps({ index, tracked }: StepRecord): boolean {
    return index <= first || tracked !== undefined || index % this.#every === 0;
  }

  #count({ probability, moments }: StepRecord): void {
    this.#all.steps++;
    this.#all.probability += probability;
    if (moments === undefined) return;
    this.#both.steps++;
    for (const name of ["difference", "target", "cosine"] as const) this.#both[name] += moments[name];
  }

  /** What was seen of two gradients over all steps; nothing if no step had both. */
  get diagnosed(): Diagnosed | undefined {
    const { steps, difference, target, cosine } = this.#both;
    if (steps === 0) return undefined;
    return { steps, ratio: difference / target, cosine: cosine / steps, probability: this.#all.probability / this.#all.steps };
  }

  /** In their order; the last is always among them. */
  get steps(): readonly StepRecord[] {
    return this.#last === undefined || this.#steps.at(-1) === this.#last ? this.#steps : [...this.#steps, this.#last];
  }
}
