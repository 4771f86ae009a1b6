/** Cells that are joined to one string: as many as are quickly taken apart again. */
const batch = 1024;
/** What no cell may hold: readers refuse it. */
const separator = "\0";

/** The texts of a column. Many short strings need twenty bytes each beside their letters; joined, a cell needs its letters and one byte. */
export class TextCells {
  readonly #full: string[] = [];
  #last: string[] = [];
  #opened: { readonly index: number; readonly cells: readonly string[] } | undefined;

  get length(): number {
    return batch * this.#full.length + this.#last.length;
  }

  /** @param text without NUL */
  push(text: string): void {
    this.#last.push(text);
    if (this.#last.length < batch) return;
    this.#full.push(this.#last.join(separator));
    this.#last = [];
  }

  at(index: number): string {
    const which = Math.floor(index / batch);
    if (which === this.#full.length) return this.#last[index - batch * which];
    if (this.#opened?.index !== which) this.#opened = { index: which, cells: this.#full[which].split(separator) };
    return this.#opened.cells[index - batch * which];
  }

  *[Symbol.iterator](): Generator<string, void> {
    for (const joined of this.#full) yield* joined.split(separator);
    yield* this.#last;
  }
}
