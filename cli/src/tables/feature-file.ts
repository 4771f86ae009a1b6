import { sum, missingIn, missingTexts } from "./missing.js";
import type { NumberColumn, Table } from "./columns.js";
import { numbersIn } from "./numbers.js";
import { defaultMemory } from "./memory.js";
import type { RawColumn } from "./raw.js";
import type { ReadOptions } from "./read-options.js";
import { readRaw } from "./read-table.js";
import { count, quoted, refuserOf, type Refuse } from "./refuse.js";

/** A column of numbers, whatever they look like: whole numbers that count up are no ids here, and few of them no categories. */
function numberColumn(raw: RawColumn, missing: ReadonlySet<string>, refuse: Refuse): NumberColumn {
  const { name } = raw;
  const missingAs = missingIn(raw, missing);
  const common = { name, type: "number", as: "number", missing: sum(missingAs), missingAs } as const;
  if (raw.kind !== "text") return { ...common, values: raw.values.map(x => (Number.isFinite(x) ? x : NaN)) };
  const { values, other } = numbersIn(raw.cells, missing);
  if (other !== undefined)
    refuse(`must hold numbers alone, as features do`, `${quoted(other.text)} in column ${quoted(name)}, row ${other.row + 1}`);
  return { ...common, values };
}

/**
 * A table whose features are those of another file, row by row: embeddings or class probabilities that were made elsewhere.
 * @param path CSV, JSON lines, Parquet, .npy or safetensors, with a row for each row of the table's file, in its order
 * @throws UsageError if the file has another number of rows, or a cell that is no number
 */
export async function withFeatureFile(
  table: Table,
  path: string,
  options: Omit<Partial<ReadOptions>, "sample" | "labels"> = {},
): Promise<Table> {
  const raw = await readRaw(path, { ...options, memory: options.memory ?? defaultMemory });
  const refuse = refuserOf(raw.file);
  if (raw.rowCount !== table.totalRows)
    refuse(`must have a row for each of the ${table.totalRows} rows of ${table.file}`, count(raw.rowCount, "row"));
  const missing = new Set(missingTexts);
  const columns = raw.columns.map(column => numberColumn(column, missing, refuse));
  return {
    ...table,
    columns: columns.map(column => ({ ...column, values: Float64Array.from(table.rowNumbers, row => column.values[row]) })),
    notes: [...table.notes, `Features are the ${count(columns.length, "column")} of ${raw.file} (${raw.format}).`, ...raw.notes],
  };
}
