import type { HostTree } from "ufom";
import { UsageError } from "./failure.js";
import type { BestTheta, Criterion, Metrics } from "./problems/problem-entry.js";

/** Looks for the best θ by one of the problem's own figures. */
export class BestFigure {
  readonly #criterion: Criterion;
  #best: BestTheta | undefined;

  /** @param before the best of an earlier part of the run */
  constructor(criterion: Criterion, before: BestTheta | undefined) {
    this.#criterion = criterion;
    this.#best = before?.criterion === this.words ? before : undefined;
  }

  /** `highest accuracy`. */
  get words(): string {
    return `${this.#criterion.goal} ${this.#criterion.metric}`;
  }

  get metric(): string {
    return this.#criterion.metric;
  }

  get best(): BestTheta | undefined {
    return this.#best;
  }

  /** @throws UsageError if the figure is not among them */
  see(figures: Metrics, theta: HostTree, index: number): void {
    const { metric, goal } = this.#criterion;
    if (!Object.hasOwn(figures, metric)) {
      const there = Object.keys(figures).join(", ");
      throw new UsageError(
        `ufom: the criterion's metric must be a figure that track or evaluate returns (${there}); received ${JSON.stringify(metric)}.`,
      );
    }
    const value = figures[metric];
    const before = this.#best?.value ?? NaN;
    const better = goal === "lowest" ? value < before : value > before;
    if (Number.isFinite(value) && (better || Number.isNaN(before))) this.#best = { theta, index, criterion: this.words, value };
  }
}
