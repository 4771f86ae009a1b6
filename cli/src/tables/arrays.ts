import path from "node:path";
import { readSafeTensors } from "ufom/internal/files/safetensors";
import { stat } from "node:fs/promises";
import { readBytes } from "../datasets/package-files.js";
import { about } from "../file-errors.js";
import { showPath } from "../show-place.js";
import { MemoryBudget, mustBeFewColumns } from "./memory.js";
import { parseNpy } from "./npy.js";
import type { RawColumn, RawTable } from "./raw.js";
import type { ReadOptions } from "./read-options.js";
import { didYouMean, refuserOf, some, type Refuse } from "./refuse.js";
import { sampledRows } from "./sample.js";
import { TextCells } from "./text-cells.js";

/** The whole file; arrays are not streamed. @throws UsageError if it is larger than what may be held */
async function bytesOf(file: string, options: ReadOptions, refuse: Refuse): Promise<Uint8Array> {
  const { size } = await about(file, () => stat(file));
  // Of a sample the file must be held once, and a double of each number otherwise.
  new MemoryBudget(options.sample === undefined ? options.memory : 4 * options.memory, refuse).mustFit(0, size);
  return readBytes(file);
}

interface Matrix {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number> | readonly string[];
  readonly boolean?: boolean;
}

/** Rows of an array as rows of a table; all further axes are laid side by side. */
function tableOf({ shape, values, boolean = false }: Matrix, name: string, shown: string, format: string, options: ReadOptions): RawTable {
  const refuse = refuserOf(shown);
  if (shape.length === 0) refuse("must be an array of rows", "a single number");
  const total = shape[0];
  const width = shape.slice(1).reduce((n, x) => n * x, 1);
  mustBeFewColumns(width, refuse);
  const rowNumbers = sampledRows(total, options.sample);
  new MemoryBudget(options.memory, refuse).add(rowNumbers.length * width);
  const nameOf = (i: number) => (shape.length === 1 ? name : `${name}[${i}]`);
  const columns = Array.from({ length: width }, (_, c): RawColumn => {
    const cellOf = (row: number) => values[row * width + c];
    if (typeof values[0] !== "string") {
      return { kind: boolean ? "boolean" : "number", name: nameOf(c), values: Float64Array.from(rowNumbers, row => cellOf(row) as number) };
    }
    const cells = new TextCells();
    for (const row of rowNumbers) cells.push((cellOf(row) as string).replaceAll("\0", "\ufffd"));
    return { kind: "text", name: nameOf(c), cells };
  });
  const notes = shape.length > 2 ? [`An array of ${shape.join(" × ")}: a row is ${shape.slice(1).join(" × ")} numbers side by side.`] : [];
  return {
    file: shown,
    format: `${format} (${shape.join(" × ")})`,
    rowCount: rowNumbers.length,
    totalRows: total,
    rowNumbers,
    columns,
    notes,
  };
}

const nameOfFile = (file: string): string => path.basename(file).replace(/\.\w+$/, "");

/** Reads a .npy file, the first axis as rows. */
export async function readNpy(file: string, shown: string, options: ReadOptions): Promise<RawTable> {
  const refuse = refuserOf(shown);
  const array = parseNpy(await bytesOf(file, options, refuse), refuse);
  return tableOf(array, array.shape.length === 1 ? nameOfFile(file) : "x", shown, "NumPy array", options);
}

/** Reads an array of a safetensors file, the first axis as rows: the one that is asked for, the only one, or the one called `features`. */
export async function readSafetensorsTable(file: string, shown: string, options: ReadOptions): Promise<RawTable> {
  const refuse = refuserOf(shown);
  const { tensors } = readSafeTensors(await bytesOf(file, options, refuse), shown);
  const names = [...tensors.keys()];
  const wanted = options.array ?? (names.length === 1 ? names[0] : "features");
  const array = tensors.get(wanted);
  if (array === undefined) {
    return refuse(
      options.array === undefined
        ? "must hold one array, or one called features, or be told which with --array"
        : `must hold the array that --array names`,
      options.array === undefined
        ? some(names) || "none"
        : `${JSON.stringify(wanted)}${didYouMean(wanted, names)}; it holds ${some(names) || "none"}`,
    );
  }
  return tableOf({ shape: array.shape, values: array.data, boolean: array.dtype === "bool" }, wanted, shown, "safetensors", options);
}

/** The labels in a text file, one a line. */
async function labelLines(file: string): Promise<TextCells> {
  const refuse = refuserOf(showPath(file));
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readBytes(file));
  } catch (error) {
    if (error instanceof TypeError) return refuse("must be text in UTF-8", "bytes that are none");
    throw error;
  }
  if (text.includes("\0")) refuse("must be text", "a NUL character");
  const cells = new TextCells();
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines) cells.push(line.trim());
  return cells;
}

/** Rows that are taken of a file which is read beside another: those of the other, by their numbers. */
function sameRows(column: RawColumn, table: RawTable, shown: string): RawColumn {
  const total = table.totalRows;
  const have = column.kind === "text" ? column.cells.length : column.values.length;
  if (have !== total) refuserOf(shown)(`must have a label for each of the ${total} rows of ${table.file}`, `${have}`);
  if (table.rowCount === total) return column;
  if (column.kind !== "text") return { ...column, values: Float64Array.from(table.rowNumbers, row => column.values[row]) };
  const cells = new TextCells();
  for (const row of table.rowNumbers) cells.push(column.cells.at(row));
  return { ...column, cells };
}

/**
 * A table with labels of another file as a further column `label`.
 * @param readOther reads the file of labels if it is no text of one label a line
 */
export async function withLabels(table: RawTable, labels: string, readOther: (file: string) => Promise<RawTable>): Promise<RawTable> {
  const shown = showPath(labels);
  let column: RawColumn;
  if (/\.(txt|labels?)$/i.test(labels)) column = { kind: "text", name: "label", cells: await labelLines(labels) };
  else {
    const other = await readOther(labels);
    const found = other.columns.length === 1 ? other.columns[0] : other.columns.find(({ name }) => name === "label");
    if (found === undefined) {
      return refuserOf(shown)("must have one column, or one called label", some(other.columns.map(({ name }) => name)) || "none");
    }
    column = { ...found, name: "label" };
  }
  if (table.columns.some(({ name }) => name === "label")) {
    refuserOf(table.file)(`must have no column label where ${shown} holds the labels`, "one");
  }
  return { ...table, columns: [...table.columns, sameRows(column, table, shown)] };
}
