import { replaceFile } from "../durable.js";
import { about, readIfThere } from "../file-errors.js";
import { showPath } from "../show-place.js";
import { quoted, refuserOf } from "../tables/refuse.js";
import type { ValuesFile } from "./read.js";

/** What a person said of a row: its number in the file, from 1, the number that the file has as its label, and the one that is right. */
interface Line {
  readonly row: number;
  readonly given: number;
  readonly label: number;
}

const format = "ufom.review";

const isLine = (x: unknown): x is Line => {
  const { row, given, label } = (typeof x === "object" && x !== null ? x : {}) as Partial<Line>;
  return Number.isSafeInteger(row) && row! >= 1 && Number.isFinite(given) && Number.isFinite(label);
};

function parsed(text: string, line: number, shown: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return refuserOf(shown)("must hold JSON lines, as a review writes them", `${quoted(text)} on line ${line}`);
  }
}

/** Answers of reviews of numbers, by row of the table. What rows a table does not have, as it is a sample, is kept too. */
export class ValueAnswers {
  readonly byRow = new Map<number, number>();
  readonly #lines = new Map<number, Line>();

  private constructor(
    readonly file: string,
    private readonly table: ValuesFile,
  ) {}

  /** @throws UsageError in one sentence if the file holds no answers, or those of another file */
  static async open(file: string, table: ValuesFile): Promise<ValueAnswers> {
    const made = new ValueAnswers(file, table),
      bytes = await readIfThere(file);
    if (bytes !== undefined) made.#read(bytes.toString("utf8"));
    return made;
  }

  #read(text: string): void {
    const shown = showPath(this.file),
      refuse = refuserOf(shown),
      [head, ...lines] = text.split("\n").filter(line => line.trim() !== ""),
      { table, label, marked, reading, trustedFrom } = this.table,
      first = (head === undefined ? undefined : parsed(head, 1, shown)) as { format?: unknown; label?: unknown } | null | undefined;
    if (first?.format !== format) refuse(`must hold the answers of a review (format ${quoted(format)})`, quoted(head ?? "nothing"));
    if (first!.label !== label.name)
      refuse(`must hold answers about the numbers in ${quoted(label.name)}`, `answers about ${quoted(String(first!.label))}`);
    const rows = new Map(Array.from(table.rowNumbers, (number, row) => [number + 1, row]));
    lines.forEach((one, at) => {
      const line = parsed(one, at + 2, shown);
      if (!isLine(line))
        return refuse("must say row, given and label, all numbers, in every line but the first", `${quoted(one)} on line ${at + 2}`);
      this.#lines.set(line.row, line);
      const row = rows.get(line.row);
      if (row === undefined) {
        if (reading.sample === undefined)
          refuse(`must hold answers about the rows of ${table.file}`, `row ${line.row}, which is not there or has no number`);
        return;
      }
      const now = label.values[row];
      // A value that was mended as it was answered is no contradiction.
      if (now !== line.given && now !== line.label)
        refuse(`must hold answers about the rows of ${table.file}`, `row ${line.row} with ${line.given}, which has ${now} there`);
      if (!marked.has(row)) this.byRow.set(row, line.label);
      else if (now !== line.label)
        refuse(`must not gainsay rows that are trusted by ${trustedFrom}`, `row ${line.row}, which is ${now} there and ${line.label} here`);
    });
  }

  /** Takes an answer, or takes one back (undefined), and writes all of them. */
  async set(row: number, value: number | undefined): Promise<void> {
    const { table, label } = this.table,
      number = table.rowNumbers[row] + 1;
    if (value === undefined) {
      this.byRow.delete(row);
      this.#lines.delete(number);
    } else {
      this.byRow.set(row, value);
      this.#lines.set(number, { row: number, given: label.values[row], label: value });
    }
    const head = { format, version: 1, file: table.file, label: label.name },
      text = [head, ...this.#lines.values()].map(line => `${JSON.stringify(line)}\n`).join("");
    await about(this.file, () => replaceFile(this.file, text));
  }
}
