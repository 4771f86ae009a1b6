import { TextCells } from "./text-cells.js";

/** A column as its file has it, before anything is made of it. */
export type RawColumn =
  | { readonly kind: "text"; readonly name: string; readonly cells: TextCells }
  /** Numbers; days since 1970 for dates; 0 and 1 for booleans. NaN is missing; ±∞ stand as they are. */
  | { readonly kind: "number" | "date" | "boolean"; readonly name: string; readonly values: Float64Array };

/** What a file holds, column by column. */
export interface RawTable {
  /** Its path, as messages show it. */
  readonly file: string;
  /** In words: `CSV (delimiter ",", UTF-8)`. */
  readonly format: string;
  readonly rowCount: number;
  /** Rows that the file has, of which these may be a sample. */
  readonly totalRows: number;
  /** For each row its number in the file: 0 for the first that holds data. */
  readonly rowNumbers: Int32Array;
  readonly columns: readonly RawColumn[];
  /** Sentences about what was decided. */
  readonly notes: readonly string[];
  /** The file that each row came from, where each has its own: pictures. */
  readonly files?: readonly string[];
}

/** The column with some of its rows alone. */
export function takeCells(column: RawColumn, rows: Int32Array): RawColumn {
  if (column.kind !== "text") return { ...column, values: Float64Array.from(rows, row => column.values[row]) };
  const cells = new TextCells();
  let [next, row] = [0, 0];
  for (const text of column.cells) {
    if (next < rows.length && rows[next] === row) {
      cells.push(text);
      next++;
    }
    row++;
  }
  return { ...column, cells };
}

/** A table with some of its rows alone. @param rows their indices in it, in ascending order */
export function takeRows(table: RawTable, rows: Int32Array): RawTable {
  if (rows.length === table.rowCount) return table;
  return {
    ...table,
    rowCount: rows.length,
    rowNumbers: rows.map(row => table.rowNumbers[row]),
    columns: table.columns.map(column => takeCells(column, rows)),
    ...(table.files === undefined ? {} : { files: Array.from(rows, row => table.files![row]) }),
  };
}
