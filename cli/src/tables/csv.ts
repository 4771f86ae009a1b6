import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { delimiterName, findDelimiter } from "./delimiter.js";
import { looksLikeData, namesOf, numberedNames } from "./header.js";
import { MemoryBudget, mustBeFewColumns } from "./memory.js";
import type { RawTable } from "./raw.js";
import type { ReadOptions } from "./read-options.js";
import { count, quoted, refuserOf, type Refuse } from "./refuse.js";
import { RowSink } from "./sample.js";
import { textOf } from "./text-stream.js";

/** Letters of a text in which its delimiter is looked for. */
const looked = 2 ** 16;
/** A row of more letters has a quote that was never closed, or is no row. */
const longestRow = 2 ** 24;

/** A text whose last letter is remembered. */
class Remembered {
  last = "";

  constructor(private readonly pieces: AsyncIterable<string>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    for await (const piece of this.pieces) {
      this.last = piece.at(-1) ?? this.last;
      yield piece;
    }
  }
}

/** The start of a text, and all of it once more. */
async function peeked(pieces: AsyncIterable<string>): Promise<{ readonly start: string; readonly all: AsyncIterable<string> }> {
  const iterator: AsyncIterator<string, unknown> = pieces[Symbol.asyncIterator]();
  let start = "";
  let over = false;
  while (start.length < looked && !over) {
    const next = await iterator.next();
    if (next.done === true) over = true;
    else start += next.value;
  }
  async function* all(): AsyncGenerator<string, void> {
    yield start;
    if (!over) yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { start, all: all() };
}

/** What is wrong with a file, where the parser says it. @param before the line at which the row before ended */
function refuseBadRow(error: CsvError, before: number, refuse: Refuse): never {
  const line = Number((error as unknown as { readonly lines?: number }).lines ?? before + 1);
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return refuse("must close every quote", `one that is open from a row on line ${before + 1} to the end`);
    case "CSV_MAX_RECORD_SIZE":
      return refuse("must close every quote", `a row that begins on line ${before + 1} and is not over after ${longestRow} letters`);
    case "CSV_INVALID_CLOSING_QUOTE":
      return refuse(
        "must have a delimiter or a line's end after a closing quote (a quote within quotes is doubled)",
        `something else on line ${line}`,
      );
    case "INVALID_OPENING_QUOTE":
      return refuse(
        "must have quotes around whole cells (a cell with a quote in it is quoted, and the quote doubled)",
        `one within a cell on line ${line}`,
      );
    default:
      throw error;
  }
}

/** The rows of a file, given to a sink. */
class Rows {
  names: readonly string[] | undefined;
  header: readonly string[] | undefined;
  /** The line at which the last row ended. */
  line = 0;
  repeated = 0;
  empty = 0;
  readonly notes: string[] = [];

  constructor(
    private readonly sink: RowSink,
    private readonly options: ReadOptions,
    private readonly refuse: Refuse,
  ) {}

  take(cells: string[], line: number): void {
    if (cells.length === 1 && cells[0].trim() === "" && this.names !== undefined && this.names.length > 1) {
      this.empty++;
      this.line = line;
      return;
    }
    if (this.names === undefined) this.#begin(cells);
    else this.#row(cells, line);
    this.line = line;
  }

  #begin(cells: string[]): void {
    mustBeFewColumns(cells.length, this.refuse);
    const data = this.options.header === undefined ? looksLikeData(cells) : !this.options.header;
    if (data) {
      this.names = numberedNames(cells.length);
      if (this.options.header === undefined) {
        this.notes.push(`No header: the first row holds numbers, so columns are called ${quoted("column 1")} and so on.`);
      }
    } else {
      const { names, notes } = namesOf(cells, this.refuse);
      this.names = names;
      this.header = cells;
      this.notes.push(...notes);
    }
    for (let i = 0; i < cells.length; i++) this.sink.addColumn();
    if (data) this.sink.push(cells);
  }

  #row(cells: string[], line: number): void {
    const { length } = this.names!;
    if (cells.length !== length) this.refuse(`must have ${count(length, "cell")} in every row`, `${cells.length} on line ${line}`);
    const header = this.header;
    if (header !== undefined && cells[0] === header[0] && cells.every((cell, i) => cell === header[i])) {
      this.repeated++;
      return;
    }
    this.sink.push(cells);
  }
}

/**
 * Reads delimited text: commas, semicolons, tabs or bars between cells, in quotes where needed (RFC 4180), with any of the three ends of lines.
 * @throws UsageError one sentence naming the file, the rule and where it is broken
 */
export async function readCsv(file: string, shown: string, options: ReadOptions): Promise<RawTable> {
  const refuse = refuserOf(shown);
  const { encoding, gzip, pieces } = await textOf(file, refuse, options.encoding);
  const remembered = new Remembered(pieces);
  const { start, all } = await peeked(remembered);
  const delimiter = options.delimiter ?? findDelimiter(start);
  const sink = new RowSink(new MemoryBudget(options.memory, refuse), options.sample);
  const rows = new Rows(sink, options, refuse);
  // Spaces around a quote would make it a part of the cell. A tab is a space, and where it is the delimiter nothing is taken away.
  const spaces = delimiter !== "\t" && /[,;|] +"/.test(start);
  const parser = parse({
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
    ltrim: spaces,
    rtrim: spaces,
    // Rows are taken here and not handed on, so that nothing waits in between.
    on_record: (cells: string[], { lines }) => {
      rows.take(cells, lines);
      return undefined;
    },
  });
  try {
    await pipeline(Readable.from(all), parser, async read => {
      for await (const row of read) throw new Error(`a row was handed on: ${String(row)}`);
    });
  } catch (error) {
    if (error instanceof CsvError) refuseBadRow(error, rows.line, refuse);
    throw error;
  }
  const { names } = rows;
  if (names === undefined) return refuse("must hold a table", "a text without a row");
  // The parser counts what follows the last line's end as a line.
  const empty = rows.empty + parser.info.empty_lines - Number(/[\r\n]/.test(remembered.last));
  if (empty > 0) rows.notes.push(`${count(empty, "empty line")} left out.`);
  if (rows.repeated > 0)
    rows.notes.push(`${count(rows.repeated, "row")} that ${rows.repeated === 1 ? "repeats" : "repeat"} the header left out.`);
  const { columns, rowNumbers } = sink.finish();
  return {
    file: shown,
    format: `CSV (delimiter ${delimiterName(delimiter)}, ${encoding.toUpperCase()}${gzip ? ", gzip" : ""})`,
    rowCount: rowNumbers.length,
    totalRows: sink.seen,
    rowNumbers,
    columns: columns.map((cells, i) => ({ kind: "text", name: names[i], cells })),
    notes: rows.notes,
  };
}
