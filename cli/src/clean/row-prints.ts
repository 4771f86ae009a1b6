import { readFile } from "node:fs/promises";
import path from "node:path";
import { murmur3 } from "ufom/internal/core/random/murmur3";
import { about } from "../file-errors.js";
import type { ReadFile } from "./read.js";
import { rawOf } from "./write-table.js";

const encoder = new TextEncoder();
const hex = (bytes: Uint8Array): string => Array.from(murmur3(bytes), word => (word >>> 0).toString(16).padStart(8, "0")).join("");

/** What a row of a file is, whatever its label and however it is read: an answer is about that, and not about a number in a list that changes. */
export class RowPrints {
  #ofTable: Promise<(row: number) => string> | undefined;

  constructor(
    private readonly path: string,
    private readonly file: ReadFile,
  ) {}

  /** The name of a row's picture in its folder; nothing of tables. */
  picture(row: number): string | undefined {
    const { files } = this.file.table;
    return files && path.relative(path.resolve(this.path), path.resolve(files[row])).split(path.sep).join("/");
  }

  /** A hash of a row's cells but the label, or of its picture. */
  async of(row: number): Promise<string> {
    const picture = this.picture(row);
    if (picture !== undefined) return hex(await about(picture, () => readFile(path.join(this.path, picture))));
    // Once more, as the file has them: what is made of a cell depends on options.
    this.#ofTable ??= this.#read();
    return (await this.#ofTable)(row);
  }

  async #read(): Promise<(row: number) => string> {
    const { table, label } = this.file,
      raw = await rawOf(this.path, this.file),
      place = new Map(Array.from(raw.rowNumbers, (number, at) => [number, at])),
      columns = raw.columns.filter(({ name }) => name !== label.name);
    return row => {
      const at = place.get(table.rowNumbers[row])!,
        cells = columns.map(column => (column.kind === "text" ? column.cells.at(at) : String(column.values[at])));
      return hex(encoder.encode(JSON.stringify(cells)));
    };
  }
}
