import type { HostTree } from "../../tensor/types.js";
import type { BestState } from "./best.js";
import { bestWindow, figuresOf } from "./best.js";
import { same } from "./one-task.js";
import type { OuterLoop } from "./outer-loop.js";
import { quantity } from "../../tensor/quantity.js";

/** What JavaScript has to know of the best θ between outer steps: whether the steps have the same tasks, and how long nothing became better. */
export class BestWatch {
  #first: readonly HostTree[] | undefined;
  /** Whether all steps so far have had the same tasks. */
  #same: boolean;
  #index: number;

  /** @param stopAfter steps without improvement after which the run ends; nothing is looked at where it is not given */
  constructor(
    private readonly loop: OuterLoop,
    start: BestState,
    private readonly stopAfter: number | undefined,
  ) {
    const { window, index } = figuresOf(start);
    this.#same = window === 1;
    this.#index = index;
  }

  /** Is told the tasks of each step or row before it is run; none where a program draws them, each anew. */
  sees(tasks: readonly HostTree[]): void {
    if (!this.#same) return;
    this.#first ??= tasks;
    const first = this.#first;
    if (tasks.length > 0 && tasks.every((task, i) => same(first[i], task))) return;
    this.#same = false;
    this.#first = undefined;
    this.loop.meanOver(bestWindow);
  }

  /** Looks at what the last step came to, if that may end the run. */
  async look(): Promise<void> {
    if (this.stopAfter !== undefined) this.#index = (await this.loop.best()).index;
  }

  /** Steps that may be done before it is looked again. */
  left(index: number): number {
    return this.stopAfter === undefined ? Infinity : Math.max(1, this.#index + 1 + this.stopAfter - index);
  }

  /** Why the run ends after so many steps, if it does. */
  waited(index: number): string | undefined {
    const { stopAfter } = this;
    if (stopAfter === undefined || index <= this.#index + stopAfter) return undefined;
    return `Nothing became better in the last ${quantity(stopAfter, "outer step")}, so it ended after ${index}; the best θ is that after ${this.#index}.`;
  }
}
