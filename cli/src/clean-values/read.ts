import { UsageError } from "../failure.js";
import { encodeForCleaning } from "../clean/read.js";
import type { NumberLabel, Opened } from "../clean/read.js";
import type { CleanOptions } from "../clean/options.js";
import { leastRows, leastTrusted } from "../cleaning/regression/input.js";
import type { RegressionInput, ValuedRows } from "../cleaning/regression/input.js";
import type { Table } from "../tables/columns.js";
import { refuserOf } from "../tables/refuse.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** A file whose numbers are to be cleaned. */
export interface ValuesFile extends Pick<Opened<NumberLabel>, "table" | "beside" | "label" | "marked" | "reading"> {
  /** Features of all rows of the table. */
  readonly features: Float32Array;
  readonly width: number;
  /** Rows of a file of their own. */
  readonly trusted?: ValuedRows;
  /** Where trusted rows come from, in words; nothing where there are none. */
  readonly trustedFrom?: string;
  readonly notes: readonly string[];
}

function valuesOf({ label, file }: Table): Float64Array {
  if (label?.kind !== "number") throw new UsageError(`ufom: ${file} must have numbers for labels; received none.`);
  return label.values;
}

/** Rows that are to be cleaned, and the trusted ones, where labels are numbers. @throws UsageError in one sentence if they are none */
export async function readValues(opened: Opened<NumberLabel>, options: CleanOptions): Promise<ValuesFile> {
  const { table, beside, label, marked, reading } = opened,
    refuse = refuserOf(table.file),
    left = table.rowCount - marked.size;
  if (left < leastRows)
    refuse(
      `must have ${leastRows} rows or more with a number in ${JSON.stringify(label.name)}${marked.size > 0 ? " beside those that are trusted" : ""}, or nothing shows which are wrong`,
      quantity(left, "row"),
    );
  const { trustedTable, ...encoded } = await encodeForCleaning(opened, options),
    known = trustedTable?.table.rowCount ?? marked.size;
  if (encoded.trustedFrom !== undefined && known < leastTrusted)
    throw new UsageError(
      `ufom: there must be ${leastTrusted} trusted rows or more (${encoded.trustedFrom}); received ${quantity(known, "row")}.`,
    );
  const read = { table, beside, label, marked, reading, ...encoded };
  if (trustedTable === undefined) return read;
  return { ...read, trusted: { features: trustedTable.features, values: valuesOf(trustedTable.table) } };
}

/** Rows of a table as numbers, and which of them are looked at. */
export interface ValueRows {
  /** Rows of the table that are looked at: neither marked as trusted nor left out. */
  readonly looked: Int32Array;
  readonly input: RegressionInput;
}

function pick({ features, width }: ValuesFile, values: Float64Array, rows: Int32Array): ValuedRows {
  const picked = { features: new Float32Array(rows.length * width), values: Float64Array.from(rows, row => values[row]) };
  rows.forEach((row, to) => picked.features.set(features.subarray(row * width, (row + 1) * width), to * width));
  return picked;
}

/**
 * What is cleaned: all rows but the trusted ones, with the values that people have mended.
 * @param answers the values that rows of the table have by a review
 */
export function valueRows(file: ValuesFile, answers: ReadonlyMap<number, number>): ValueRows {
  const { table, label, width, marked, trusted } = file,
    values = label.values.map((value, row) => answers.get(row) ?? value),
    looked = Int32Array.from({ length: table.rowCount }, (_, row) => row).filter(row => !marked.has(row)),
    known = marked.size > 0 ? pick(file, values, Int32Array.from(marked)) : trusted;
  return {
    looked,
    input: {
      rows: pick(file, values, looked),
      width,
      ...(known === undefined ? {} : { trusted: known }),
      ...(answers.size === 0 ? {} : { settled: Uint8Array.from(looked, row => Number(answers.has(row))) }),
    },
  };
}
