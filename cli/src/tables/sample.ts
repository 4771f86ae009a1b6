import { stream, type Random } from "ufom/internal/core/random/index";
import { TextCells } from "./text-cells.js";
import type { MemoryBudget } from "./memory.js";

/** That many rows, drawn with that seed. */
export interface Sample {
  readonly rows: number;
  readonly seed: number;
}

const drawsOf = (sample: Sample): Random => stream(sample.seed, "rows of a table");

/**
 * Some of n rows, every set of that size as likely as every other, in ascending order.
 *
 * Source: selection sampling, D. E. Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S.
 */
export function sampledRows(n: number, sample: Sample | undefined): Int32Array {
  const wanted = Math.min(n, sample?.rows ?? n);
  const rows = new Int32Array(wanted);
  if (sample === undefined || wanted === n) return rows.map((_, i) => i);
  const random = drawsOf(sample);
  for (let row = 0, taken = 0; taken < wanted; row++) if ((n - row) * random.next() < wanted - taken) rows[taken++] = row;
  return rows;
}

interface Kept {
  readonly row: number;
  readonly cells: readonly string[];
}

const letters = (cells: readonly string[]): number => cells.reduce((sum, text) => sum + text.length, 0);

/**
 * Takes the rows of a file as they come, all of them or a sample of them whose size is known beforehand while the file's is not.
 *
 * Source: reservoir sampling, D. E. Knuth, The Art of Computer Programming 2, 3.4.2, algorithm R.
 */
export class RowSink {
  #seen = 0;
  readonly #columns: TextCells[] = [];
  readonly #reservoir: Kept[] = [];
  readonly #random: Random | undefined;

  constructor(
    private readonly budget: MemoryBudget,
    private readonly sample?: Sample,
  ) {
    this.#random = sample === undefined ? undefined : drawsOf(sample);
  }

  /** Number of rows that came. */
  get seen(): number {
    return this.#seen;
  }

  /** A further column; rows before it have nothing there. */
  addColumn(): void {
    const cells = new TextCells();
    if (this.#random === undefined) for (let i = 0; i < this.#seen; i++) cells.push("");
    this.budget.add(this.#random === undefined ? this.#seen : 0);
    this.#columns.push(cells);
  }

  /** @param cells one for each column so far @throws UsageError if they are too many to hold */
  push(cells: readonly string[]): void {
    const row = this.#seen++;
    if (this.#random === undefined) {
      for (let i = 0; i < cells.length; i++) this.#columns[i].push(cells[i]);
      this.budget.add(cells.length, letters(cells));
      return;
    }
    const size = this.sample!.rows;
    const place = row < size ? row : this.#random.integer(row + 1);
    if (place >= size) return;
    const before = this.#reservoir[place];
    if (before !== undefined) this.budget.release(before.cells.length, letters(before.cells));
    // Strings of a reader may be slices of large ones, which would be kept with them; in place of that, cells are joined and taken apart.
    this.#reservoir[place] = { row, cells: cells.join("\0").split("\0") };
    this.budget.add(cells.length, letters(cells));
  }

  /** What was taken. */
  finish(): { readonly columns: readonly TextCells[]; readonly rowNumbers: Int32Array } {
    if (this.#random === undefined) return { columns: this.#columns, rowNumbers: Int32Array.from({ length: this.#seen }, (_, i) => i) };
    this.#reservoir.sort((a, b) => a.row - b.row);
    for (const { cells } of this.#reservoir) this.#columns.forEach((column, i) => column.push(cells[i] ?? ""));
    return { columns: this.#columns, rowNumbers: Int32Array.from(this.#reservoir, ({ row }) => row) };
  }
}
