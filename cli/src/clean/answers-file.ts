import { replaceFile } from "../durable.js";
import { about, readIfThere } from "../file-errors.js";
import { showPath } from "../show-place.js";
import { quoted, refuserOf } from "../tables/refuse.js";
import type { ReadFile } from "./read.js";

/** What a person said of a row: its number in the file, from 1, the label that the file has, and the one that is right. */
interface Line {
  readonly row: number;
  readonly given: string;
  readonly label: string;
}

const format = "ufom.review";

const isLine = (x: unknown): x is Line => {
  const { row, given, label } = (typeof x === "object" && x !== null ? x : {}) as Partial<Line>;
  return Number.isSafeInteger(row) && row! >= 1 && typeof given === "string" && typeof label === "string";
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
  readonly #lines = new Map<number, Line>();

  private constructor(
    readonly file: string,
    private readonly table: ReadFile,
  ) {}

  /** @throws UsageError in one sentence if the file holds no answers, or those of another file */
  static async open(file: string, table: ReadFile): Promise<Answers> {
    const made = new Answers(file, table),
      bytes = await readIfThere(file);
    if (bytes !== undefined) made.#read(bytes.toString("utf8"));
    return made;
  }

  #read(text: string): void {
    const shown = showPath(this.file),
      refuse = refuserOf(shown),
      [head, ...lines] = text.split("\n").filter(line => line.trim() !== ""),
      { table, label } = this.table,
      first = (head === undefined ? undefined : parsed(head, 1, shown)) as { format?: unknown; label?: unknown } | null | undefined;
    if (first?.format !== format) refuse(`must hold the answers of a review (format ${quoted(format)})`, quoted(head ?? "nothing"));
    if (first!.label !== label.name)
      refuse(`must hold answers about the labels in ${quoted(label.name)}`, `answers about ${quoted(String(first!.label))}`);
    const rows = new Map(Array.from(table.rowNumbers, (number, row) => [number + 1, row]));
    lines.forEach((one, at) => {
      const line = parsed(one, at + 2, shown);
      if (!isLine(line)) return refuse("must say row, given and label in every line but the first", `${quoted(one)} on line ${at + 2}`);
      const row = rows.get(line.row),
        code = label.classes.indexOf(line.label),
        now = row === undefined ? undefined : label.classes[label.codes[row]];
      if (row !== undefined && now !== line.given)
        refuse(
          `must hold answers about the rows of ${table.file}`,
          `row ${line.row} with label ${quoted(line.given)}, which has ${quoted(now!)} there`,
        );
      if (code < 0) refuse(`must hold labels that ${table.file} has`, `${quoted(line.label)} on line ${at + 2}`);
      this.#lines.set(line.row, line);
      if (row !== undefined) this.byRow.set(row, code);
    });
  }

  /** Takes an answer, or takes one back (undefined), and writes all of them. */
  async set(row: number, code: number | undefined): Promise<void> {
    const { table, label } = this.table,
      number = table.rowNumbers[row] + 1;
    if (code === undefined) {
      this.byRow.delete(row);
      this.#lines.delete(number);
    } else {
      this.byRow.set(row, code);
      this.#lines.set(number, { row: number, given: label.classes[label.codes[row]], label: label.classes[code] });
    }
    const head = { format, version: 1, file: table.file, label: label.name },
      text = [head, ...this.#lines.values()].map(line => `${JSON.stringify(line)}\n`).join("");
    await about(this.file, () => replaceFile(this.file, text));
  }
}
