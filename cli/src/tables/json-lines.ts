import { MemoryBudget, mustBeFewColumns } from "./memory.js";
import type { RawTable } from "./raw.js";
import type { ReadOptions } from "./read-options.js";
import { quoted, refuserOf, type Refuse } from "./refuse.js";
import { RowSink } from "./sample.js";
import { textOf } from "./text-stream.js";

/** A line of more letters is no row. */
const longestLine = 2 ** 26;
/** Objects within objects become columns `a.b`; deeper ones are no table. */
const deepest = 8;

/** NaN and ±Infinity outside of strings: no JSON, but what Python writes. */
const bareNumbers = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const repaired = text.replace(bareNumbers, part => (part.startsWith('"') ? part : `"${part}"`));
    if (repaired === text) throw error;
    return JSON.parse(repaired);
  }
}

function parse(text: string, where: string, refuse: Refuse): unknown {
  try {
    return parsed(text);
  } catch (error) {
    // A nest that is too deep overflows the stack.
    if (error instanceof SyntaxError || error instanceof RangeError) refuse("must hold a JSON object a line", `${quoted(text)} ${where}`);
    throw error;
  }
}

/** The numbers that JSON does not have come as texts. */
const isNumberOrNone = (x: unknown): boolean => typeof x === "number" || x === null || x === "NaN" || x === "Infinity" || x === "-Infinity";

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);

/** Rows of names and values; columns are those of all rows, in the order in which they first come. */
class ObjectRows {
  readonly places = new Map<string, number>();
  readonly #sink: RowSink;

  constructor(
    sink: RowSink,
    private readonly refuse: Refuse,
  ) {
    this.#sink = sink;
  }

  take(row: unknown, where: string): void {
    if (!isObject(row)) this.refuse("must hold an object a row", `${quoted(JSON.stringify(row))} ${where}`);
    const cells: string[] = new Array<string>(this.places.size).fill("");
    this.#object(row, "", 0, cells, where);
    this.#sink.push(cells);
  }

  #object(object: Record<string, unknown>, prefix: string, depth: number, cells: string[], where: string): void {
    if (depth > deepest) this.refuse(`must nest objects at most ${deepest} deep`, `deeper ones ${where}`);
    for (const [key, value] of Object.entries(object)) {
      const name = `${prefix}${key}`;
      if (isObject(value)) this.#object(value, `${name}.`, depth + 1, cells, where);
      // A list of numbers is a vector, an embedding.
      else if (Array.isArray(value) && value.length > 0 && value.every(isNumberOrNone)) {
        value.forEach((x, i) => this.#cell(`${name}[${i}]`, x === null ? "" : String(x), cells, where));
      } else this.#cell(name, textOfValue(value), cells, where);
    }
  }

  #cell(name: string, text: string, cells: string[], where: string): void {
    if (text.includes("\0")) this.refuse("must hold no NUL characters", `one in ${quoted(name)} ${where}`);
    let place = this.places.get(name);
    if (place === undefined) {
      place = this.places.size;
      mustBeFewColumns(place + 1, this.refuse);
      this.places.set(name, place);
      this.#sink.addColumn();
    }
    cells[place] = text;
  }
}

function textOfValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Lines with their numbers. */
async function* linesOf(pieces: AsyncIterable<string>, refuse: Refuse): AsyncGenerator<readonly [line: string, number: number], void> {
  let [rest, number] = ["", 0];
  for await (const piece of pieces) {
    rest += piece;
    const lines = rest.split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield [line, ++number];
    if (rest.length > longestLine) refuse("must hold a JSON object a line", `a line of more than ${longestLine} letters`);
  }
  yield [rest, number + 1];
}

/** Everything from here on, which is one JSON array. */
async function arrayOf(
  first: string,
  lines: AsyncIterable<readonly [string, number]>,
  budget: MemoryBudget,
  refuse: Refuse,
): Promise<unknown[]> {
  const texts = [first];
  for await (const [line] of lines) {
    texts.push(line);
    // The text, and what it becomes.
    budget.add(1, 2 * line.length);
  }
  const all = parse(texts.join("\n"), "as a whole", refuse);
  return Array.isArray(all) ? (all as unknown[]) : refuse("must hold a JSON object a line", "something else");
}

/**
 * Reads JSON lines, an object a row, or one array of objects. Objects within a row give columns `outer.inner`, lists of numbers columns `name[0]` and on.
 * @throws UsageError one sentence naming the file, the rule and where it is broken
 */
export async function readJsonLines(file: string, shown: string, options: ReadOptions): Promise<RawTable> {
  const refuse = refuserOf(shown);
  const { encoding, gzip, pieces } = await textOf(file, refuse, options.encoding);
  const budget = new MemoryBudget(options.memory, refuse);
  const sink = new RowSink(budget, options.sample);
  const rows = new ObjectRows(sink, refuse);
  const lines = linesOf(pieces, refuse);
  let form = "JSON lines";
  for await (const [line, number] of { [Symbol.asyncIterator]: () => lines }) {
    const text = line.trim();
    if (text === "") continue;
    if (sink.seen === 0 && text.startsWith("[")) {
      form = "JSON";
      (await arrayOf(line, lines, new MemoryBudget(options.memory, refuse), refuse)).forEach((row, i) => rows.take(row, `in row ${i + 1}`));
      break;
    }
    rows.take(parse(text, `on line ${number}`, refuse), `on line ${number}`);
  }
  const { columns, rowNumbers } = sink.finish();
  const names = [...rows.places.keys()];
  return {
    file: shown,
    format: `${form} (${encoding.toUpperCase()}${gzip ? ", gzip" : ""})`,
    rowCount: rowNumbers.length,
    totalRows: sink.seen,
    rowNumbers,
    columns: columns.map((cells, i) => ({ kind: "text", name: names[i], cells })),
    notes: [],
  };
}
