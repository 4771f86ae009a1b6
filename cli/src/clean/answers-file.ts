import { replaceFile } from "../durable.js";
import { about, readIfThere } from "../file-errors.js";
import { showPath } from "../show-place.js";
import { quoted, refuserOf } from "../tables/refuse.js";
import { quantity } from "ufom/internal/tensor/quantity";
import type { ReadFile } from "./read.js";
import { RowPrints } from "./row-prints.js";

/** What a person said of a row: its number in the file, from 1, or its picture; the label that the file has, the one that is right, and a hash of the row. */
interface Line {
  readonly row: number;
  readonly file?: string;
  readonly given: string;
  readonly label: string;
  readonly hash: string;
}

const format = "ufom.review";

const isLine = (x: unknown): x is Line => {
  const { row, file, given, label, hash } = (typeof x === "object" && x !== null ? x : {}) as Partial<Line>,
    texts = [given, label, hash, ...(file === undefined ? [] : [file])];
  return Number.isSafeInteger(row) && row! >= 1 && texts.every(text => typeof text === "string");
};

function parsed(text: string, line: number, shown: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return refuserOf(shown)("must hold JSON lines, as a review writes them", `${quoted(text)} on line ${line}`);
  }
}

/** Answers of reviews: the class of rows of a table, by row. What rows a table does not have, as it is a sample, is kept too. */
export class Answers {
  readonly byRow = new Map<number, number>();
  /** Answers that say nothing any more. */
  readonly notes: string[] = [];
  readonly #lines = new Map<number | string, Line>();
  readonly #prints: RowPrints;

  private constructor(
    readonly file: string,
    private readonly table: ReadFile,
    path: string,
  ) {
    this.#prints = new RowPrints(path, table);
  }

  /**
   * @param path of the table that the answers are about
   * @throws UsageError in one sentence if the file holds no answers, or those of another file, or of rows that are others now
   */
  static async open(file: string, table: ReadFile, path: string): Promise<Answers> {
    const made = new Answers(file, table, path),
      bytes = await readIfThere(file);
    if (bytes !== undefined) await made.#read(bytes.toString("utf8"));
    return made;
  }

  async #read(text: string): Promise<void> {
    const shown = showPath(this.file),
      refuse = refuserOf(shown),
      [head, ...lines] = text.split("\n").filter(line => line.trim() !== ""),
      { table, label, reading } = this.table,
      first = (head === undefined ? undefined : parsed(head, 1, shown)) as { format?: unknown; label?: unknown } | null | undefined;
    if (first?.format !== format) refuse(`must hold the answers of a review (format ${quoted(format)})`, quoted(head ?? "nothing"));
    if (first!.label !== label.name)
      refuse(`must hold answers about the labels in ${quoted(label.name)}`, `answers about ${quoted(String(first!.label))}`);
    const rows = new Map<number | string, number>(
      Array.from(table.rowNumbers, (number, row) => [this.#prints.picture(row) ?? number + 1, row]),
    );
    let gone = 0;
    for (const [at, one] of lines.entries()) {
      const line = parsed(one, at + 2, shown);
      if (!isLine(line))
        return refuse("must say row, given, label and hash in every line but the first", `${quoted(one)} on line ${at + 2}`);
      const key = table.files === undefined ? line.row : (line.file ?? ""),
        row = rows.get(key);
      this.#lines.set(key, line);
      if (row !== undefined) await this.#take(row, line, at + 2);
      else if (reading.sample !== undefined) continue;
      else if (table.files === undefined)
        refuse(`must hold answers about the rows of ${table.file}`, `row ${line.row}, which is not there or has no label`);
      else gone++;
    }
    if (gone > 0)
      this.notes.push(
        `${shown}: ${quantity(gone, "answer")} about pictures that are not there any more ${gone === 1 ? "is" : "are"} not used.`,
      );
  }

  async #take(row: number, line: Line, at: number): Promise<void> {
    const { table, label, marked, trustedFrom } = this.table,
      refuse = refuserOf(showPath(this.file)),
      code = label.classes.indexOf(line.label),
      now = label.classes[label.codes[row]],
      named = line.file === undefined ? `row ${line.row}` : line.file;
    // A label that was mended as it was answered is no contradiction.
    if (now !== line.given && now !== line.label)
      refuse(
        `must hold answers about the rows of ${table.file}`,
        `${named} with label ${quoted(line.given)}, which has ${quoted(now)} there`,
      );
    if (code < 0) refuse(`must hold labels that ${table.file} has`, `${quoted(line.label)} on line ${at}`);
    if ((await this.#prints.of(row)) !== line.hash)
      refuse(
        `must hold answers about the rows of ${table.file} as they are (take out the line, and look at the row again)`,
        `${named} on line ${at}, which has changed since`,
      );
    if (!marked.has(row)) this.byRow.set(row, code);
    else if (now !== line.label)
      refuse(
        `must not gainsay rows that are trusted by ${trustedFrom}`,
        `${named}, which is ${quoted(now)} there and ${quoted(line.label)} here`,
      );
  }

  /** Takes an answer, or takes one back (undefined), and writes all of them. */
  async set(row: number, code: number | undefined): Promise<void> {
    const { table, label } = this.table,
      number = table.rowNumbers[row] + 1,
      file = this.#prints.picture(row),
      key = file ?? number;
    if (code === undefined) {
      this.byRow.delete(row);
      this.#lines.delete(key);
    } else {
      const hash = await this.#prints.of(row);
      this.byRow.set(row, code);
      this.#lines.set(key, {
        row: number,
        ...(file === undefined ? {} : { file }),
        given: label.classes[label.codes[row]],
        label: label.classes[code],
        hash,
      });
    }
    const head = { format, version: 1, file: table.file, label: label.name },
      text = [head, ...this.#lines.values()].map(line => `${JSON.stringify(line)}\n`).join("");
    await about(this.file, () => replaceFile(this.file, text));
  }
}
