import { existsSync } from "node:fs";
import { encodingNotes, fitEncoding } from "../tables/encoding.js";
import { encode, readLike } from "../tables/encode.js";
import { withFeatureFile } from "../tables/feature-file.js";
import { defaultMemory } from "../tables/memory.js";
import type { Column, Label, Table } from "../tables/columns.js";
import { mustOccurTwice } from "../tables/label.js";
import type { RawColumn } from "../tables/raw.js";
import type { ReadOptions } from "../tables/read-options.js";
import { readRaw, readTable } from "../tables/read-table.js";
import { didYouMean, quoted, refuserOf, some } from "../tables/refuse.js";
import { mustShareNoRows, sharedRows } from "../tables/shared-rows.js";
import { parseTypes } from "../tables/types-option.js";
import { UsageError } from "../failure.js";
import { quantity } from "ufom/internal/tensor/quantity";
import type { CleaningInput, LabelledRows } from "../cleaning/input.js";
import { countLabels, leastOfAClass } from "../cleaning/input.js";
import type { CleanOptions } from "./options.js";

export type ClassLabel = Extract<Label, { readonly kind: "classes" }>;
export type NumberLabel = Extract<Label, { readonly kind: "number" }>;

/** A file that is to be cleaned, as numbers. */
export interface ReadFile {
  readonly table: Table;
  /** What is shown of a row: its features, or, where these are made elsewhere, what the file itself has. */
  readonly beside: readonly Column[];
  readonly label: ClassLabel;
  /** Features of all rows of the table. */
  readonly features: Float32Array;
  readonly width: number;
  /** Rows of the table that are trusted by a column. */
  readonly marked: ReadonlySet<number>;
  /** Rows of a file of their own. */
  readonly trusted?: LabelledRows;
  /** Where trusted rows come from, in words; nothing where there are none. */
  readonly trustedFrom?: string;
  readonly notes: readonly string[];
  /** How the file was read: it is read so once more when it is written. */
  readonly reading: ReadOptions & { readonly labels?: string };
}

/** Notes of one kind that are told; of pixels there may be one each. */
const mostNotes = 8;
const fewNotes = (notes: readonly string[]): string[] =>
  notes.length <= mostNotes
    ? [...notes]
    : [...notes.slice(0, mostNotes - 1), `… and ${quantity(notes.length - mostNotes + 1, "further note")} of this kind.`];

/** A list of columns apart by commas; `\,` is a comma in a name. */
const columnList = (text: string): string[] => text.split(/(?<!\\),/).map(name => name.replaceAll("\\,", ",").trim());

const yes = new Set(["1", "true", "yes", "y", "t", "x"]),
  no = new Set(["0", "false", "no", "n", "f", "", "na", "nan", "null", "none"]);

/** Rows that a column marks as trusted. @throws UsageError if a cell says neither yes nor no, or none says yes */
function markedRows(raw: RawColumn, table: Table): Set<number> {
  const refuse = refuserOf(table.file),
    marked = new Set<number>(),
    texts = raw.kind === "text" ? raw.cells : Array.from(raw.values, x => (Number.isNaN(x) ? "" : String(x)));
  let row = 0;
  for (const cell of texts) {
    const text = cell.trim().toLowerCase();
    if (yes.has(text)) marked.add(row);
    else if (!no.has(text))
      refuse(
        `must say yes or no (true, false, 1, 0) in ${quoted(raw.name)}, as --trusted-column names it`,
        `${quoted(cell)} in row ${table.rowNumbers[row] + 1}`,
      );
    row++;
  }
  if (marked.size === 0) refuse(`must have trusted rows in ${quoted(raw.name)}, as --trusted-column names it`, "yes in none");
  return marked;
}

/** Which columns are features, and which file they stand in, by what --features says. */
async function featuresOf(
  file: string,
  { features, label, trustedColumn }: CleanOptions,
  reading: ReadOptions,
): Promise<{ readonly ignore: readonly string[]; readonly file?: string }> {
  if (features === undefined) return { ignore: [] };
  const peeked = await readRaw(file, { ...reading, sample: { rows: 1, seed: 1 } }),
    names = peeked.columns.map(({ name }) => name),
    wanted = columnList(features),
    absent = wanted.find(name => !names.includes(name));
  if (absent === undefined) {
    const odd = wanted.find(name => name === label || name === trustedColumn);
    if (odd !== undefined)
      throw new UsageError(
        `ufom: --features must name columns to learn from; received ${quoted(odd)}, which says ${odd === label ? "the label" : "what is trusted"}.`,
      );
    return { ignore: names.filter(name => !wanted.includes(name) && name !== label && name !== trustedColumn) };
  }
  if (existsSync(features)) return { ignore: names.filter(name => name !== label && name !== trustedColumn), file: features };
  throw new UsageError(
    `ufom: --features must be columns of ${peeked.file}, apart by commas, or a file; received ${quoted(absent)}${didYouMean(absent, names)}, and the columns are ${some(names)}.`,
  );
}

/** @throws UsageError if trusted rows do not have every class of the others often enough */
function checkTrusted(names: readonly string[], rows: Int32Array, trusted: Int32Array, from: string): void {
  const [there, known] = [countLabels(rows, names.length), countLabels(trusted, names.length)],
    few = names.findIndex((_, y) => (there[y] > 0 || known[y] > 0) && known[y] < leastOfAClass),
    alone = names.findIndex((_, y) => there[y] > 0 && there[y] < leastOfAClass);
  if (few >= 0)
    throw new UsageError(
      `ufom: trusted rows (${from}) must have each class at least twice; received ${quoted(names[few])} ${known[few] === 0 ? "in none" : "in one"}.`,
    );
  if (alone >= 0)
    throw new UsageError(
      `ufom: each class must be left at least twice among the rows that are not trusted (${from}); received ${quoted(names[alone])} in one.`,
    );
}

/** How much of a table may be the same rows again before rows that a trusted file shares say nothing. */
const mostlyApart = 0.05;

/** @throws UsageError if a trusted file has rows of the table, unless the features of its rows are often the same ones anyway */
function checkShared(table: Table, trusted: Table): string[] {
  const again = sharedRows(table, table).rows.filter(({ row, trustedRow }) => row !== trustedRow).length;
  if (again <= mostlyApart * table.rowCount) {
    mustShareNoRows(table, trusted);
    return [];
  }
  const { rows } = sharedRows(table, trusted);
  return rows.length === 0
    ? []
    : [
        `${quantity(rows.length, "row")} of ${table.file} have the features of a row of ${trusted.file}, as ${quantity(again, "row")} have those of another row of their own file; they are kept.`,
      ];
}

/** A file whose columns are known, before anything is made of them. */
export interface Opened<L extends Label = ClassLabel> {
  readonly table: Table;
  readonly label: L;
  readonly beside: readonly Column[];
  readonly marked: ReadonlySet<number>;
  /** Whether features stand in a file of their own. */
  readonly apart: boolean;
  readonly reading: ReadFile["reading"];
}

/** Reads a table, and says what its label is. @throws UsageError in one sentence if it has none */
export async function openForCleaning(file: string, options: CleanOptions): Promise<Opened | Opened<NumberLabel>> {
  const { label: name, trustedColumn, seed = 1, sample, types, ignore } = options,
    given = { encoding: options.encoding, size: options.size, array: options.array, labels: options.labels },
    known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<ReadOptions>,
    reading: ReadOptions = { memory: defaultMemory, ...known, ...(sample === undefined ? {} : { sample: { rows: sample, seed } }) },
    from = await featuresOf(file, options, reading),
    tableOptions = {
      ...reading,
      ...(name === undefined ? {} : { label: name }),
      ...(types === undefined ? {} : { types: parseTypes(types) }),
      ignore: [...from.ignore, ...(ignore === undefined ? [] : columnList(ignore))],
      ...(trustedColumn === undefined ? {} : { marks: trustedColumn }),
    },
    whole = await readTable(file, tableOptions),
    marks = whole.columns.find(column => column.name === trustedColumn),
    table = from.file === undefined ? whole : await withFeatureFile(whole, from.file),
    { label } = table,
    marked = marks && "raw" in marks ? markedRows(marks.raw, whole) : new Set<number>(),
    beside = (from.file === undefined ? table : whole).columns.filter(column => column !== marks),
    opened = { table, beside, marked, apart: from.file !== undefined, reading };
  if (label === undefined)
    return refuserOf(table.file)(
      "needs --label COLUMN, the column whose labels are looked at",
      `none; its columns are ${some(table.columns.map(({ name }) => name))}`,
    );
  return label.kind === "classes" ? { ...opened, label } : { ...opened, label };
}

export const isOfClasses = (opened: Opened | Opened<NumberLabel>): opened is Opened => opened.label.kind === "classes";

/** What is made of a file's columns, and who is trusted; `trustedTable` where that is another file. */
export interface Encoded {
  readonly features: Float32Array;
  readonly width: number;
  readonly trustedTable?: { readonly table: Table; readonly features: Float32Array };
  /** Where trusted rows come from, in words; nothing where there are none. */
  readonly trustedFrom?: string;
  readonly notes: readonly string[];
}

/** Makes numbers of the columns, and reads the trusted rows. @throws UsageError in one sentence if they cannot be trusted */
export async function encodeForCleaning(
  { table, label, marked, apart, reading }: Opened<Label>,
  { trustedColumn, trusted: trustedFile, trustedFeatures }: CleanOptions,
): Promise<Encoded> {
  const encoding = fitEncoding(table),
    encoded = encode(encoding, table),
    notes = [...fewNotes(encodingNotes(encoding)), ...fewNotes(encoded.notes)],
    made = { features: encoded.data, width: encoded.width, notes };
  if (marked.size > 0) return { ...made, trustedFrom: `column ${quoted(trustedColumn!)}` };
  if (trustedFile === undefined) return made;
  const { sample: _, labels: __, array: ___, ...alike } = reading;
  let rows: Table;
  if (!apart) rows = await readLike(encoding, trustedFile, { ...alike, label: label.name });
  else {
    if (trustedFeatures === undefined)
      throw new UsageError("ufom: --trusted FILE needs --trusted-features FILE where --features is a file; received none.");
    rows = await withFeatureFile(
      await readTable(trustedFile, { ...alike, label: label.name, like: { types: {}, target: label } }),
      trustedFeatures,
    );
  }
  const numbers = encode(encoding, rows),
    shared = checkShared(table, rows);
  return {
    ...made,
    trustedTable: { table: rows, features: numbers.data },
    trustedFrom: rows.file,
    notes: [...notes, ...shared, ...fewNotes([...rows.notes, ...numbers.notes]).map(note => `${rows.file}: ${note}`)],
  };
}

/** Rows that are to be cleaned, and the trusted ones, where labels are classes. @throws UsageError in one sentence if they are none */
export async function readForCleaning(opened: Opened, options: CleanOptions): Promise<ReadFile> {
  mustOccurTwice(opened.table);
  const { trustedTable, ...encoded } = await encodeForCleaning(opened, options);
  if (trustedTable === undefined) return { ...opened, ...encoded };
  return { ...opened, ...encoded, trusted: { features: trustedTable.features, labels: trustedLabel(trustedTable.table).codes } };
}

/** The label of trusted rows, of which a class may come once or not at all: that is looked at with the others. */
function trustedLabel({ label, file }: Table): ClassLabel {
  if (label?.kind !== "classes") throw new UsageError(`ufom: ${file} must have labels; received none.`);
  return label;
}

/** Rows of a table, and which of them are looked at. */
export interface Rows {
  /** Rows of the table that are looked at: neither marked as trusted nor left out. */
  readonly looked: Int32Array;
  readonly input: CleaningInput;
}

function pick({ features, width, label: { codes } }: ReadFile, rows: Int32Array): LabelledRows {
  const picked = { features: new Float32Array(rows.length * width), labels: Int32Array.from(rows, row => codes[row]) };
  rows.forEach((row, to) => picked.features.set(features.subarray(row * width, (row + 1) * width), to * width));
  return picked;
}

/**
 * What is cleaned: all rows but the trusted ones, with the true classes that people have answered.
 * @param answers the classes of rows of the table by a review
 */
export function rowsOf(file: ReadFile, answers: ReadonlyMap<number, number>): Rows {
  const { table, label, width, marked, trusted, trustedFrom } = file,
    looked = Int32Array.from({ length: table.rowCount }, (_, row) => row).filter(row => !marked.has(row)),
    own = Int32Array.from(marked),
    given = pick(file, looked),
    rows = answers.size === 0 ? given : { ...given, truth: Int32Array.from(looked, row => answers.get(row) ?? -1) },
    known = marked.size > 0 ? pick(file, own) : trusted;
  if (known !== undefined) checkTrusted(label.classes, rows.labels, known.labels, trustedFrom!);
  return { looked, input: { rows, width, classes: label.classes.length, ...(known === undefined ? {} : { trusted: known }) } };
}
