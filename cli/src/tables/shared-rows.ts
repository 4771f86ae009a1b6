import { murmur3 } from "ufom/internal/core/random/murmur3";
import { count, refuserOf } from "./refuse.js";
import { isCategory, isFeature, isNumeric, type Column, type Table } from "./columns.js";

/** Bytes that stand for a cell: a number's own, or a hash of a text. */
const cellBytes = 8;

const encoder = new TextEncoder();
const missingMark = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** What writes the bytes of a column's cells. */
function writerOf(column: Column): (view: DataView, row: number, at: number) => void {
  if (isNumeric(column)) {
    return (view, row, at) => {
      const x = column.values[row];
      // −0 is 0, and there is one NaN.
      view.setFloat64(at, Number.isNaN(x) ? NaN : x + 0);
    };
  }
  if (!isCategory(column)) throw new Error(`${column.name} is no feature`);
  const hashes = column.levels.map(level => new Uint8Array(murmur3(encoder.encode(level)).buffer, 0, cellBytes));
  return (view, row, at) => {
    const hash = column.codes[row] < 0 ? missingMark : hashes[column.codes[row]];
    for (let i = 0; i < cellBytes; i++) view.setUint8(at + i, hash[i]);
  };
}

/** A 128-bit hash of each row's cells in some columns. */
function rowHashes(table: Table, names: readonly string[]): string[] {
  const writers = names.map(name => writerOf(table.columns.find(column => column.name === name)!));
  const view = new DataView(new ArrayBuffer(cellBytes * names.length));
  const bytes = new Uint8Array(view.buffer);
  return Array.from({ length: table.rowCount }, (_, row) => {
    writers.forEach((write, i) => write(view, row, cellBytes * i));
    return String.fromCharCode(...new Uint16Array(murmur3(bytes).buffer));
  });
}

/** A pair of rows with the same features. */
export interface SharedRow {
  /** Their indices in both tables. */
  readonly row: number;
  readonly trustedRow: number;
}

const labelAt = ({ label }: Table, row: number): string | number | undefined =>
  label === undefined ? undefined : label.kind === "classes" ? label.classes[label.codes[row]] : label.values[row];

/**
 * Rows of a table whose features another has too: a trusted file must not hold rows that are trained on, or what is measured on it is too good.
 * Ids and other columns that are left out do not count, and labels do not either.
 * @param trusted a table read as the first was (`readLike`)
 * @returns every row of the first that the other has, with the first such row there, and how many of these have another label
 */
export function sharedRows(table: Table, trusted: Table): { readonly rows: readonly SharedRow[]; readonly otherLabel: number } {
  const other = new Map(trusted.columns.map(column => [column.name, column.type]));
  const names = table.columns.filter(column => isFeature(column) && other.get(column.name) === column.type).map(({ name }) => name);
  if (names.length === 0) return { rows: [], otherLabel: 0 };
  const places = new Map<string, number>();
  rowHashes(trusted, names).forEach((hash, row) => {
    if (!places.has(hash)) places.set(hash, row);
  });
  const rows = rowHashes(table, names).flatMap((hash, row) => {
    const trustedRow = places.get(hash);
    return trustedRow === undefined ? [] : [{ row, trustedRow }];
  });
  return { rows, otherLabel: rows.filter(({ row, trustedRow }) => labelAt(table, row) !== labelAt(trusted, trustedRow)).length };
}

/** @throws UsageError one sentence if a trusted table has rows that the other has too */
export function mustShareNoRows(table: Table, trusted: Table): void {
  const { rows, otherLabel } = sharedRows(table, trusted);
  if (rows.length === 0) return;
  const labels = otherLabel === 0 ? "" : `, ${otherLabel} of them with another label`;
  refuserOf(trusted.file)(
    `must hold no rows that ${table.file} has, or what is measured on it is too good`,
    `${count(rows.length, "row")} of it${labels}`,
  );
}
