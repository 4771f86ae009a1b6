import { readRaw } from "../tables/read-table.js";
import { withLabels } from "../tables/arrays.js";
import type { RawColumn, RawTable } from "../tables/raw.js";
import { replaceFile } from "../durable.js";
import { about } from "../file-errors.js";
import type { RowAnswer } from "./answer.js";
import type { ReadFile } from "./read.js";

/** The columns that are added, in their order. */
const addedColumns = ["weight", "rank", "p_wrong", "suspect", "suggested_label"] as const;

/** A cell of a CSV file (RFC 4180), in quotes where it must be. */
const cell = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The cells of the added columns of a row. */
export type AddedCells = readonly [weight: string, rank: string, pWrong: string, suspect: string, suggested: string];

/** A probability, to six digits behind the point: what lies below is as good as nothing. */
export const digits = (x: number): string => String(Number(x.toFixed(6)));

function cellsOf(column: RawColumn): (row: number) => string {
  if (column.kind === "text") return row => column.cells.at(row);
  const { values, kind } = column;
  return row => {
    const x = values[row];
    if (Number.isNaN(x)) return "";
    if (kind === "boolean") return String(x === 1);
    const date = kind === "date" ? new Date(Math.round(x * 86_400_000)) : undefined;
    return date === undefined || Number.isNaN(date.getTime()) ? String(x) : date.toISOString().replace("T00:00:00.000Z", "");
  };
}

/** Names of the added columns: with a word before them where the file has one of that name already. */
function namesOfAdded(columns: readonly string[]): string[] {
  let names: string[] = [...addedColumns];
  while (names.some(name => columns.includes(name))) names = names.map(name => `clean_${name}`);
  return names;
}

/** What the file has, read once more, so that its cells stand as they are. */
export async function rawOf(path: string, { reading }: Pick<ReadFile, "reading">): Promise<RawTable> {
  const raw = await readRaw(path, reading);
  if (reading.labels === undefined) return raw;
  const { sample: _, ...whole } = reading;
  return withLabels(raw, reading.labels, file => readRaw(file, whole));
}

/**
 * Writes the file's own columns, as they are, and behind them what was found of each row; nothing of rows that were not looked at, as those without a label.
 * Of pictures the columns are file and label, not their pixels.
 */
export const writeTable = (path: string, out: string, file: ReadFile, rows: readonly RowAnswer[]): Promise<void> =>
  writeAdded(path, out, file, () => row => {
    const { weight, rank, pWrong, suspect, suggested } = rows[row];
    return [
      digits(weight),
      rank === undefined ? "" : String(rank),
      pWrong === undefined ? "" : digits(pWrong),
      String(suspect),
      file.label.classes[suggested],
    ];
  });

/** The same, whatever is found of a row. @param cellsFor of the file's column of labels, as it stands there: what is added to each row of the table */
export async function writeAdded(
  path: string,
  out: string,
  { table, label, reading }: Pick<ReadFile, "table" | "reading"> & { readonly label: { readonly name: string } },
  cellsFor: (labels: RawColumn) => (row: number, at: number) => AddedCells,
): Promise<void> {
  const raw = await rawOf(path, { reading }),
    place = new Map(Array.from(table.rowNumbers, (number, row) => [number, row])),
    cellsOfRow = cellsFor(raw.columns.find(({ name }) => name === label.name)!);
  const own = raw.columns.filter(({ name }) => raw.files === undefined || name === label.name),
    readers = own.map(cellsOf),
    names = [...(raw.files === undefined ? [] : ["file"]), ...own.map(({ name }) => name)],
    lines = [[...names, ...namesOfAdded(names)].map(cell).join(",")];
  for (let at = 0; at < raw.rowCount; at++) {
    const row = place.get(raw.rowNumbers[at]),
      added = row === undefined ? ["", "", "", "", ""] : cellsOfRow(row, at);
    lines.push([...(raw.files === undefined ? [] : [raw.files[at]]), ...readers.map(read => read(at)), ...added].map(cell).join(","));
  }
  await about(out, () => replaceFile(out, `${lines.join("\n")}\n`));
}
