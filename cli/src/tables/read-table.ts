import { stat } from "node:fs/promises";
import { kindOf } from "../datasets/formats/decode.js";
import { readStart } from "../datasets/package-files.js";
import { UsageError } from "../failure.js";
import { about, ifAbsent } from "../file-errors.js";
import { showPath } from "../show-place.js";
import { readNpy, readSafetensorsTable, withLabels } from "./arrays.js";
import type { Column, Table, TypeName } from "./columns.js";
import { readCsv } from "./csv.js";
import { withoutSecondHeader } from "./second-header.js";
import { inferColumn } from "./infer.js";
import { readJsonLines } from "./json-lines.js";
import { findColumn, labelledRows, labelOf, type Target, type Task } from "./label.js";
import { defaultMemory } from "./memory.js";
import { missingIn, missingTexts, missingWords } from "./missing.js";
import { isNpy } from "./npy.js";
import { takeRows, type RawTable } from "./raw.js";
import type { ReadOptions } from "./read-options.js";
import { count, didYouMean, quoted, refuserOf, some, type Refuse } from "./refuse.js";

/** How a table is read, and what its columns are. */
export interface TableOptions extends Partial<ReadOptions> {
  /** The column of labels. Without it all columns are features. */
  readonly label?: string;
  /** Whether labels are classes or numbers; found if not told. */
  readonly task?: Task;
  /** Types of columns by name; of the others they are found. */
  readonly types?: Readonly<Record<string, TypeName>>;
  /** What stands for a missing value. */
  readonly missing?: readonly string[];
  /** Columns that are left out without a word about their cells. */
  readonly ignore?: readonly string[];
  /** A column that says something about rows and is no feature: which of them are trusted. It is left out as it stands. */
  readonly marks?: string;
  /** Types of columns, and a label, of a file read before: they hold where this one has these columns. */
  readonly like?: { readonly types: Readonly<Record<string, TypeName>>; readonly target?: Target };
}

/** Files of kinds that are no tables, and what to do about it. */
const otherKinds: readonly (readonly [name: RegExp, hint: string])[] = [
  [/\.(xlsx?|ods)$/i, "a spreadsheet: save it as CSV"],
  [/\.(pkl|pickle|joblib)$/i, "a Python pickle, which is a program: save it as Parquet"],
  [/\.(npz)$/i, "a zip archive of arrays: save the array as .npy"],
  [/\.(feather|arrow)$/i, "an Arrow file: save it as Parquet"],
  [/\.(h5|hdf5)$/i, "an HDF5 file: save it as Parquet or .npy"],
];

/** Reads a file of any format that is read, by what it holds and, where that does not say, by what it is called. */
export async function readRaw(file: string, options: ReadOptions): Promise<RawTable> {
  const shown = showPath(file);
  const refuse = refuserOf(shown);
  const found = await about(file, () => stat(file)).catch(ifAbsent);
  if (found === undefined) throw new UsageError(`ufom: there must be a file or folder ${shown}; there is none.`);
  if (found.isDirectory()) {
    const { readPictures } = await import("./pictures.js");
    return readPictures(file, shown, options);
  }
  if (!found.isFile()) refuse("must be a file or a folder", "something else");
  const start = await readStart(file);
  if (start.length === 0) refuse("must hold a table", "an empty file");
  const name = otherKinds.find(([pattern]) => pattern.test(file));
  if (name !== undefined) refuse("must be CSV, JSON lines, Parquet, .npy or safetensors", name[1]);
  if (/\.parquet$/i.test(file) || Buffer.from(start).toString("latin1", 0, 4) === "PAR1") {
    const { readParquet } = await import("./parquet.js");
    return readParquet(file, shown, options);
  }
  if (isNpy(start) || /\.npy$/i.test(file)) return readNpy(file, shown, options);
  if (/\.safetensors$/i.test(file)) return readSafetensorsTable(file, shown, options);
  const kind = kindOf(start);
  if (kind.startsWith("a ") && kind !== "a gzip file" && !kind.startsWith("a file that begins")) {
    refuse("must be CSV, JSON lines, Parquet, .npy or safetensors", kind);
  }
  const json = /\.(jsonl|ndjson|json)(\.gz)?$/i.test(file) || /^(?:\ufeff)?\s*(?:\{|\[\s*\{)/.test(Buffer.from(start).toString("utf8"));
  return json ? readJsonLines(file, shown, options) : readCsv(file, shown, options);
}

function checkOptions({ sample, memory }: TableOptions): void {
  if (sample !== undefined && !(Number.isSafeInteger(sample.rows) && sample.rows >= 1)) {
    throw new UsageError(`ufom: a sample must have a whole number of rows, at least 1; received ${sample.rows}.`);
  }
  if (memory !== undefined && !(memory > 0))
    throw new UsageError(`ufom: the memory of a table must be a number of bytes; received ${memory}.`);
}

/** @throws UsageError if a type is told for a column that is not there */
function mustHave(names: readonly string[], wanted: readonly string[], what: string, refuse: Refuse): void {
  const none = wanted.find(name => !names.includes(name));
  if (none !== undefined)
    refuse(`must have the columns that ${what} names`, `${quoted(none)}${didYouMean(none, names)}; it has ${some(names)}`);
}

function rowsWithLabel(raw: RawTable, name: string, missing: ReadonlySet<string>, refuse: Refuse): RawTable {
  const column = findColumn(raw.columns, name, refuse);
  const rows = labelledRows(column, missing);
  const without = raw.rowCount - rows.length;
  if (rows.length === 0) refuse(`must have labels in ${quoted(name)}`, "none in any row");
  if (without === 0) return raw;
  const stood = missingWords(missingIn(column, missing));
  return { ...takeRows(raw, rows), notes: [...raw.notes, `${count(without, "row")} without a label left out (${stood}).`] };
}

const taskOfType = (type: TypeName | undefined): Task | undefined =>
  type === undefined ? undefined : type.startsWith("number") ? "number" : "classes";

/**
 * Reads a file as a table: CSV or TSV, JSON lines, Parquet, a .npy array with a file of labels, an array of a safetensors file, or a folder of class folders
 * with pictures. What was decided on the way stands in its notes.
 * @param path the file or folder
 * @throws UsageError, or an error that begins with "ufom: " and is one sentence, if it is not one or not what the options say
 */
export async function readTable(path: string, options: TableOptions = {}): Promise<Table> {
  checkOptions(options);
  const readOptions: ReadOptions = { ...options, memory: options.memory ?? defaultMemory };
  const missing = new Set(options.missing ?? missingTexts);
  let raw = await readRaw(path, readOptions);
  const refuse = refuserOf(raw.file);
  if (options.labels !== undefined) {
    // Labels are read whole, however many rows of the other file are taken.
    const { sample: _, ...whole } = readOptions;
    raw = await withLabels(raw, options.labels, file => readRaw(file, whole));
  }
  const sampled = raw.rowCount < raw.totalRows ? [`${raw.rowCount} of ${count(raw.totalRows, "row")} taken at random.`] : [];
  raw = withoutSecondHeader({ ...raw, notes: [...raw.notes, ...sampled] }, missing);
  if (raw.rowCount === 0) refuse("must have rows", "none");
  const names = raw.columns.map(({ name }) => name);
  const target = options.like?.target;
  const likeLabel = target !== undefined && names.includes(target.name) ? target.name : undefined;
  const label = options.label ?? (options.labels === undefined && raw.files === undefined ? likeLabel : "label");
  mustHave(names, Object.keys(options.types ?? {}), "--types", refuse);
  mustHave(names, options.ignore ?? [], "--ignore", refuse);
  if (options.marks !== undefined) {
    findColumn(raw.columns, options.marks, refuse);
    if (options.marks === label) refuse("must have its labels in another column than what is trusted", `${quoted(label)} for both`);
  }
  if (label !== undefined) raw = rowsWithLabel(raw, label, missing, refuse);
  const { rowNumbers, columns, rowCount, notes, files } = raw;
  const made =
    label === undefined
      ? undefined
      : labelOf(findColumn(columns, label, refuse), {
          task: target?.kind ?? options.task ?? taskOfType(typeOf(options, label)),
          ...(target?.kind === "classes" ? { classes: target.classes } : {}),
          rowNumbers,
          refuse,
        });
  const features = columns.filter(({ name }) => name !== label);
  return {
    file: raw.file,
    format: raw.format,
    rowCount,
    totalRows: raw.totalRows,
    rowNumbers,
    columns: features.map((column): Column => {
      const found = inferColumn(column, typeOf(options, column.name), { missing, refuse, rowNumbers });
      return column.name === options.marks ? { ...found, remark: "who is trusted" } : found;
    }),
    ...(made === undefined ? {} : { label: made.label }),
    notes: [...notes, ...(made?.notes ?? [])],
    ...(files === undefined ? {} : { files }),
  };
}

function typeOf({ types = {}, ignore = [], marks, like }: TableOptions, name: string): TypeName | undefined {
  if (ignore.includes(name) || name === marks) return "ignored";
  if (Object.hasOwn(types, name)) return types[name];
  return like !== undefined && Object.hasOwn(like.types, name) ? like.types[name] : undefined;
}
