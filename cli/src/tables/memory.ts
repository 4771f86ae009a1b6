import { bytes } from "../report/format.js";
import type { Refuse } from "./refuse.js";

/** What the cells of a table may need in memory, unless told otherwise. */
export const defaultMemory = 2 ** 29;
/** More columns than this are no table of features that a person has looked at, and each costs what a column costs. */
export const mostColumns = 8192;

/** What a cell needs beside its letters: a number in its place, later. */
const perCell = 8;

/** Counts what is held of a file, and refuses more than may be held. */
export class MemoryBudget {
  #held = 0;

  constructor(
    readonly limit: number,
    private readonly refuse: Refuse,
  ) {}

  /** @throws UsageError one sentence if that is too much */
  add(cells: number, letters = 0): void {
    this.#held += perCell * cells + letters;
    if (this.#held > this.limit) this.#tooMuch("more");
  }

  /** What is given back. */
  release(cells: number, letters: number): void {
    this.#held -= perCell * cells + letters;
  }

  /** @throws UsageError one sentence if so much cannot be held; to be asked before it is read */
  mustFit(cells: number, letters = 0): void {
    if (perCell * cells + letters > this.limit) this.#tooMuch(`about ${bytes(perCell * cells + letters)}`);
  }

  #tooMuch(need: string): never {
    return this.refuse(`must fit in ${bytes(this.limit)} of memory; --sample ROWS takes that many rows of it at random`, need);
  }
}

/** @throws UsageError one sentence if a table has too many columns */
export function mustBeFewColumns(columns: number, refuse: Refuse): void {
  if (columns > mostColumns) refuse(`must have at most ${mostColumns} columns`, `${columns}`);
}
