import { isCategory, isNumeric, type CategoryColumn, type Column, type NumberColumn, type Table, type TypeName } from "./columns.js";
import { farthest, featureNames, isEncodedNumber, widthOf, type EncodedCategory, type EncodedNumber, type Encoding } from "./encoding.js";
import { readTable, type TableOptions } from "./read-table.js";
import { count, didYouMean, quoted, refuserOf, some } from "./refuse.js";

/** Features of rows. */
export interface Features {
  /** rows × width, row by row; no NaN, no ±∞. */
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
  readonly names: readonly string[];
  /** What was met that was not there when it was learned. */
  readonly notes: readonly string[];
}

/** Where the features of a column go. */
interface Place {
  readonly data: Float32Array;
  readonly width: number;
  readonly at: number;
}

/** @returns number of missing values that no feature tells */
function writeNumber(column: EncodedNumber, { values }: NumberColumn, { data, width, at }: Place): number {
  const { center, scale, robust, missing } = column;
  const [first, most] = [Number(scale > 0), robust ? farthest : Infinity];
  let untold = 0;
  for (let row = 0; row < values.length; row++) {
    const x = values[row];
    const place = row * width + at;
    if (Number.isNaN(x)) {
      if (missing) data[place + first] = 1;
      else untold++;
    } else if (first === 1) {
      // Divided apart, a difference of large numbers does not overflow; what float32 does not hold is brought to its largest number.
      const z = Math.max(
        -most,
        Math.min(most, Math.abs(x) > 1e300 || Math.abs(center) > 1e300 ? x / scale - center / scale : (x - center) / scale),
      );
      data[place] = Math.max(-3e38, Math.min(3e38, z));
    }
  }
  return untold;
}

/** @returns number of values that no feature tells: unknown levels, missing ones */
function writeCategory(
  column: EncodedCategory,
  { codes, levels }: CategoryColumn,
  { data, width, at }: Place,
): { readonly unknown: number; readonly untold: number } {
  const place = new Map(column.levels.map((level, i) => [level, i]));
  const otherPlace = column.others > 0 ? column.levels.length : -1;
  const places = levels.map(level => place.get(level) ?? otherPlace);
  const missingPlace = column.levels.length + Number(column.others > 0);
  let [unknown, untold] = [0, 0];
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row];
    const to = code < 0 ? (column.missing ? missingPlace : -1) : places[code];
    if (to >= 0) data[row * width + at + to] = 1;
    else if (code < 0) untold++;
    else unknown++;
  }
  return { unknown, untold };
}

const kindOf = (column: Column): string => (isCategory(column) ? "categories" : isNumeric(column) ? `${column.type}s` : column.type);

/**
 * The features of a table's rows, as an encoding was learned: of the same file or of another with the same columns.
 * @throws UsageError if a column is missing, is one too many, or is of another type
 */
export function encode(encoding: Encoding, table: Table): Features {
  const refuse = refuserOf(table.file);
  const found = new Map(table.columns.map(column => [column.name, column]));
  const names = table.columns.map(({ name }) => name);
  const absent = encoding.columns.filter(({ name }) => !found.has(name)).map(({ name }) => name);
  if (absent.length > 0)
    refuse(`must have the columns that were learned from, as ${some(absent)}`, `none of that name${didYouMean(absent[0], names)}`);
  const known = new Set([
    ...encoding.columns.map(({ name }) => name),
    ...encoding.leftOut,
    ...(encoding.target === undefined ? [] : [encoding.target.name]),
  ]);
  const extra = table.columns.filter(({ name, type }) => !known.has(name) && type !== "ignored").map(({ name }) => name);
  if (extra.length > 0) refuse("must have no columns but those that were learned from (--ignore leaves some out)", some(extra));
  const featureName = featureNames(encoding);
  const width = featureName.length;
  const data = new Float32Array(table.rowCount * width);
  const notes: string[] = [];
  let at = 0;
  for (const column of encoding.columns) {
    const given = found.get(column.name)!;
    const place = { data, width, at };
    const tell = (n: number, what: string) => {
      if (n > 0)
        notes.push(`Column ${quoted(column.name)}: ${count(n, what)} that ${n === 1 ? "was" : "were"} in no row that was learned from.`);
    };
    if (isEncodedNumber(column) && isNumeric(given) && given.type === column.type) tell(writeNumber(column, given, place), "missing value");
    else if (!isEncodedNumber(column) && isCategory(given)) {
      const { unknown, untold } = writeCategory(column, given, place);
      tell(unknown, "unknown category");
      tell(untold, "missing value");
    } else
      refuse(
        `must hold ${isEncodedNumber(column) ? `${column.type}s` : "categories"} in ${quoted(column.name)}, as when it was learned`,
        kindOf(given),
      );
    at += widthOf(column);
  }
  return { data, rows: table.rowCount, width, names: featureName, notes };
}

/**
 * Reads another file as the one that an encoding was learned from: with its types and, if the file has it, its label.
 * @throws UsageError as `readTable`, also if a label is of a class that was not there
 */
export function readLike({ columns, leftOut, target }: Encoding, path: string, options: TableOptions = {}): Promise<Table> {
  const types: [string, TypeName][] = [
    ...columns.map(({ name, as }): [string, TypeName] => [name, as]),
    // Nothing is made of these in either, whatever they hold.
    ...leftOut.map((name): [string, TypeName] => [name, "ignored"]),
  ];
  return readTable(path, { ...options, like: { types: Object.fromEntries(types), ...(target === undefined ? {} : { target }) } });
}
