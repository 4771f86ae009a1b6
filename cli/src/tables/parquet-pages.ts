import type { ColumnMetaData, FileMetaData } from "hyparquet";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";

/** Why a Parquet file is not read. */
export class ParquetDamage extends Error {}

const damage = (what: string): never => {
  throw new ParquetDamage(what);
};

/** The most rows of a table that is read. */
const mostRows = 2 ** 31 - 1;
/** No page is larger, packed or not: writers make them of about a megabyte. */
const largestPage = 2 ** 30;

const isSize = (x: unknown, most: number): x is number => typeof x === "number" && Number.isInteger(x) && x >= 0 && x <= most;

const toNumber = (x: bigint | number | undefined, what: string): number => {
  const n = Number(x);
  return isSize(n, Number.MAX_SAFE_INTEGER) ? n : damage(`${what} of ${String(x)}`);
};

/** The bytes of the file that a column's pages of a row group lie in. */
export function chunkRange(meta: ColumnMetaData, fileBytes: number): readonly [start: number, end: number] {
  const data = toNumber(meta.data_page_offset, "a page at byte");
  const dictionary = meta.dictionary_page_offset === undefined ? 0 : toNumber(meta.dictionary_page_offset, "a page at byte");
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = start + toNumber(meta.total_compressed_size, "a column");
  return end <= fileBytes ? [start, end] : damage(`a column that ends behind the end of the file`);
}

/**
 * Whether what the file says about its rows and columns can be: the reader of columns trusts it.
 * @returns the number of rows
 * @throws ParquetDamage
 */
export function checkMetadata({ num_rows, row_groups, schema }: FileMetaData, fileBytes: number): number {
  const rows = toNumber(num_rows, "a number of rows");
  if (rows > mostRows) damage(`${rows} rows`);
  // A tree as a list: each says how many children follow, and the list must be over when the tree is.
  let open = 1;
  for (const { num_children } of schema) open += (num_children ?? 0) - 1;
  if (open !== 0 || schema.some(({ num_children }) => num_children !== undefined && !isSize(num_children, schema.length)))
    damage("a schema that is no tree");
  let sum = 0;
  for (const { num_rows: inGroup, columns } of row_groups) {
    sum += toNumber(inGroup, "a group of rows");
    for (const { meta_data: meta, file_path } of columns) {
      if (file_path !== undefined) damage("columns in another file");
      if (meta === undefined) return damage("a column without a description");
      chunkRange(meta, fileBytes);
    }
  }
  return sum === rows ? rows : damage(`${rows} rows of which ${sum} are there`);
}

/**
 * Goes over the heads of a column's pages in a row group: the reader of columns takes sizes as they are, and never ends where one is missing.
 * @param bytes the pages
 * @param rows of the group
 * @param flat whether a row has one value; otherwise it may have any number
 * @throws Error whatever the reader of heads throws, and ParquetDamage
 */
export function checkPages(bytes: ArrayBuffer, rows: number, flat: boolean): void {
  const view = new DataView(bytes);
  const reader = { view, offset: 0 };
  let values = 0;
  while (reader.offset < view.byteLength - 1 && !(flat && values >= rows)) {
    const { field_1: kind, field_2: unpacked, field_3: packed, ...heads } = deserializeTCompactProtocol(reader) as Record<string, unknown>;
    if (!isSize(unpacked, largestPage)) damage(`a page of ${String(unpacked)} bytes`);
    if (!isSize(packed, view.byteLength - reader.offset))
      return damage(`a page of ${String(packed)} bytes where ${view.byteLength - reader.offset} are left`);
    const head = (kind === 0 ? heads.field_5 : kind === 2 ? heads.field_7 : kind === 3 ? heads.field_8 : undefined) as
      Record<string, unknown> | undefined;
    if (head === undefined) return damage(`a page of kind ${String(kind)}`);
    const n = head.field_1;
    // A value takes at least a bit of a page, unless all of a page are the same.
    if (!isSize(n, flat && kind !== 2 ? rows - values : mostRows)) return damage(`a page of ${String(n)} values`);
    if (kind === 2 && n > 8 * (unpacked as number)) damage(`${n} values in a dictionary of ${String(unpacked)} bytes`);
    if (kind === 3) {
      const levels = [head.field_5, head.field_6];
      if (!levels.every(length => isSize(length, packed)) || !isSize(head.field_2, n)) damage("levels that are longer than their page");
    }
    if (kind !== 2) values += n;
    reader.offset += packed;
  }
  if (flat && values !== rows) damage(`a column of ${values} values in ${rows} rows`);
}
