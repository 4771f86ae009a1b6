import { open, stat, type FileHandle } from "node:fs/promises";
import { parquetMetadataAsync, parquetSchema, type AsyncBuffer, type FileMetaData, type ParquetParsers, type SchemaTree } from "hyparquet";
import { parquetReadColumn } from "hyparquet/src/read.js";
import { compressors } from "hyparquet-compressors";
import { about } from "../file-errors.js";
import { ColumnBuilder } from "./column-builder.js";
import { MemoryBudget, mustBeFewColumns } from "./memory.js";
import { checkMetadata, checkPages, chunkRange, ParquetDamage } from "./parquet-pages.js";
import type { RawColumn, RawTable } from "./raw.js";
import type { ReadOptions } from "./read-options.js";
import { quoted, refuserOf, some, type Refuse } from "./refuse.js";
import { sampledRows } from "./sample.js";

const msPerDay = 86_400_000;

/** Times are days since 1970, whatever they are stored in. */
const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (ms: bigint) => Number(ms) / msPerDay,
  timestampFromMicroseconds: (us: bigint) => Number(us) / (1e3 * msPerDay),
  timestampFromNanoseconds: (ns: bigint) => Number(ns) / (1e6 * msPerDay),
  dateFromDays: (days: number) => days,
};

const dateTypes = new Set(["DATE", "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS"]);
const isDate = ({ element: { type, converted_type, logical_type } }: SchemaTree): boolean =>
  dateTypes.has(converted_type ?? "") || logical_type?.type === "TIMESTAMP" || logical_type?.type === "DATE" || type === "INT96";

/** The file, part by part. */
const bufferOf = (handle: FileHandle, byteLength: number): AsyncBuffer => ({
  byteLength,
  async slice(start, end = byteLength) {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start));
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) throw new ParquetDamage("an end before its end");
      done += bytesRead;
    }
    return bytes.buffer;
  },
});

interface Opened {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly refuse: Refuse;
}

/** One column of a group of rows, its pages checked before. */
async function columnOfGroup({ file, metadata }: Opened, tree: SchemaTree, group: number, start: number): Promise<ArrayLike<unknown>> {
  const { columns, num_rows } = metadata.row_groups[group];
  const name = tree.element.name;
  const rows = Number(num_rows);
  const flat = tree.children.length === 0 && tree.element.repetition_type !== "REPEATED";
  for (const { meta_data: meta } of columns) {
    if (meta?.path_in_schema[0] === name) checkPages(await file.slice(...chunkRange(meta, file.byteLength)), rows, flat);
  }
  const data = await parquetReadColumn({
    file,
    metadata,
    columns: [name],
    rowStart: start,
    rowEnd: start + rows,
    parsers,
    geoparquet: false,
    compressors: compressors,
  });
  return data.length === rows ? data : Promise.reject(new ParquetDamage(`a column of ${data.length} values in ${rows} rows`));
}

async function readColumn(opened: Opened, tree: SchemaTree, rows: Int32Array, budget: MemoryBudget): Promise<RawColumn[]> {
  const builder = new ColumnBuilder(tree.element.name, isDate(tree), budget, opened.refuse);
  let [start, next] = [0, 0];
  for (let group = 0; group < opened.metadata.row_groups.length; group++) {
    const end = start + Number(opened.metadata.row_groups[group].num_rows);
    if (next < rows.length && rows[next] < end) {
      const values = await columnOfGroup(opened, tree, group, start);
      for (; next < rows.length && rows[next] < end; next++) builder.push(values[rows[next] - start]);
    }
    start = end;
  }
  return builder.finish();
}

async function columnsOf(opened: Opened, options: ReadOptions): Promise<Pick<RawTable, "columns" | "rowNumbers" | "totalRows">> {
  const { metadata, refuse } = opened;
  const total = checkMetadata(metadata, opened.file.byteLength);
  const trees = parquetSchema(metadata).children;
  const names = trees.map(({ element }) => element.name);
  const twice = names.filter((name, i) => names.indexOf(name) < i);
  mustBeFewColumns(trees.length, refuse);
  if (twice.length > 0) refuse("must name every column differently", `${some(twice)} more than once`);
  const rowNumbers = sampledRows(total, options.sample);
  const budget = new MemoryBudget(options.memory, refuse);
  budget.mustFit(rowNumbers.length * trees.length);
  const columns: RawColumn[] = [];
  for (const tree of trees) columns.push(...(await readColumn(opened, tree, rowNumbers, budget)));
  mustBeFewColumns(columns.length, refuse);
  return { columns, rowNumbers, totalRows: total };
}

/**
 * Reads a Parquet file, packed in any of the format's ways. Lists of numbers give columns `name[0]` and on.
 * @throws UsageError one sentence naming the file and what is wrong with it
 */
export async function readParquet(file: string, shown: string, options: ReadOptions): Promise<RawTable> {
  const refuse = refuserOf(shown);
  const { size } = await about(file, () => stat(file));
  const handle = await about(file, () => open(file));
  try {
    const buffer = bufferOf(handle, size);
    const metadata = await parquetMetadataAsync(buffer, { parsers, geoparquet: false });
    const { columns, rowNumbers, totalRows } = await columnsOf({ file: buffer, metadata, refuse }, options);
    return { file: shown, format: "Parquet", rowCount: rowNumbers.length, rowNumbers, totalRows, columns, notes: [] };
  } catch (error) {
    return damaged(error, refuse);
  } finally {
    await handle.close();
  }
}

/** Errors of the reader: of a damaged file it throws whatever comes of it. */
function damaged(error: unknown, refuse: Refuse): never {
  const own = error instanceof Error && (error.name === "UsageError" || "syscall" in error);
  if (own || !(error instanceof Error)) throw error;
  const reason = error instanceof ParquetDamage ? error.message : `the reader says ${quoted(error.message)}`;
  return refuse("must be a whole Parquet file of columns that are read", `one that is damaged or of another kind (${reason})`);
}
