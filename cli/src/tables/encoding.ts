import {
  hasPixels,
  isCategory,
  isFeature,
  type CategoryColumn,
  type Label,
  type NumberColumn,
  type Table,
  type TypeName,
} from "./columns.js";
import { UsageError } from "../failure.js";
import { count, quoted } from "./refuse.js";

/** Numbers become (x − center) / scale, and 0 where they are missing. */
export interface EncodedNumber {
  readonly name: string;
  readonly type: NumberColumn["type"];
  readonly as: TypeName;
  readonly center: number;
  /** 0 if all that are there are the same, and nothing is made of them. */
  readonly scale: number;
  /** Whether center and scale are the median and quartiles, and what lies further out than `farthest` scales is brought there: of heavy tails. */
  readonly robust: boolean;
  /** Whether one more feature says that it is missing. */
  readonly missing: boolean;
}

/** Categories become a 1 at their level and 0 elsewhere. */
export interface EncodedCategory {
  readonly name: string;
  readonly type: CategoryColumn["type"];
  readonly as: TypeName;
  /** Levels that have a feature of their own. */
  readonly levels: readonly string[];
  /** Number of levels that were there and have none: they share one more feature. */
  readonly others: number;
  readonly missing: boolean;
}

export type EncodedTarget =
  | { readonly name: string; readonly kind: "classes"; readonly classes: readonly string[] }
  | { readonly name: string; readonly kind: "number"; readonly mean: number; readonly scale: number };

/** How a table becomes numbers: plain JSON, for a model to carry. */
export interface Encoding {
  readonly format: "ufom.features";
  readonly version: 1;
  readonly columns: readonly (EncodedNumber | EncodedCategory)[];
  /** Columns of the training file that nothing is learned from. */
  readonly leftOut: readonly string[];
  readonly target?: EncodedTarget;
}

/** Beyond so many scales from the center nothing is told apart in a column with heavy tails. */
export const farthest = 10;
/** Of a normal distribution, half of the distance between the quartiles. */
const quartileOfNormal = 0.6744897501960817;
/** Levels of a category that get a feature, unless told otherwise. */
export const mostLevels = 50;

const indices = (n: number, rows?: ArrayLike<number>): ArrayLike<number> => rows ?? Array.from({ length: n }, (_, i) => i);

/** Mean and standard deviation, of numbers of any size. */
function moments(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (largest === 0) return { mean: 0, deviation: 0 };
  const mean = values.reduce((sum, x) => sum + x / largest, 0) / values.length;
  const square = values.reduce((sum, x) => sum + (x / largest - mean) ** 2, 0) / values.length;
  return { mean: mean * largest, deviation: Math.sqrt(square) * largest };
}

/** A quantile of sorted numbers, linearly between neighbours. */
function quantile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const part = at - below;
  return part === 0 ? sorted[below] : (1 - part) * sorted[below] + part * sorted[below + 1];
}

function fitNumber(column: NumberColumn, rows: ArrayLike<number>): EncodedNumber {
  const present = Float64Array.from(rows, row => column.values[row]).filter(x => !Number.isNaN(x));
  const { name, type, as } = column;
  const missing = present.length < rows.length;
  const common = { name, type, as, missing };
  if (present.length === 0) return { ...common, center: 0, scale: 0, robust: false };
  const sorted = present.slice().sort();
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  if (low === high) return { ...common, center: low, scale: 0, robust: false };
  const { mean, deviation } = moments(present);
  const heavy = Math.max(high / deviation - mean / deviation, mean / deviation - low / deviation) > farthest;
  const [median, lower, upper] = [quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75)];
  // Where the quartiles are one number, most rows are, and they say nothing about the others.
  const spread = (upper / 2 - lower / 2) / quartileOfNormal;
  const robust = type === "number" && heavy && spread > 0;
  return robust ? { ...common, center: median, scale: spread, robust } : { ...common, center: mean, scale: deviation, robust: false };
}

/**
 * Pixels have one unit: each is centred at its own mean, and all are divided by the deviation of all of them. Divided by its own, a pixel of the border that
 * is hardly ever anything but paper would be the loudest of all where it once is not.
 */
function fitPixels(table: Table, rows: ArrayLike<number>): EncodedNumber[] {
  const pixels = table.columns.filter(column => isFeature(column) && !isCategory(column)),
    still = table.columns.filter(({ type }) => type === "constant").length,
    found = pixels.map(column => ({ column, ...moments(Float64Array.from(rows, row => column.values[row])) })),
    scale = Math.sqrt(found.reduce((sum, { deviation }) => sum + deviation ** 2, 0) / (pixels.length + still));
  return found.map(({ column: { name, type, as }, mean, deviation }) => ({
    name,
    type,
    as,
    center: mean,
    scale: deviation > 0 ? scale : 0,
    robust: false,
    missing: false,
  }));
}

function fitCategory(column: CategoryColumn, rows: ArrayLike<number>, most: number): EncodedCategory {
  const { name, type, as, levels, codes } = column;
  const counts = new Int32Array(levels.length);
  let missing = false;
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]];
    if (code < 0) missing = true;
    else counts[code]++;
  }
  const there = levels.map((_, i) => i).filter(i => counts[i] > 0);
  // Equally frequent ones in the order of the levels: sorting keeps it.
  const frequent = [...there].sort((a, b) => counts[b] - counts[a]).slice(0, most);
  const kept = frequent.sort((a, b) => a - b).map(i => levels[i]);
  return { name, type, as, levels: kept, others: there.length - kept.length, missing };
}

function fitTarget(label: Label, rows: ArrayLike<number>): EncodedTarget {
  if (label.kind === "classes") return { name: label.name, kind: "classes", classes: label.classes };
  const { mean, deviation } = moments(Float64Array.from(rows, row => label.values[row]));
  return { name: label.name, kind: "number", mean, scale: deviation > 0 ? deviation : 1 };
}

/**
 * Learns from rows of a table how it becomes numbers: means and scales, levels of categories, which columns have missing values.
 * @param rows indices of the rows to learn from, those that are trained on; all of them if not given
 * @param most levels of a category that get a feature; the others share one
 * @throws UsageError if no column is left to learn from
 */
export function fitEncoding(table: Table, rows?: ArrayLike<number>, most = mostLevels): Encoding {
  const chosen = indices(table.rowCount, rows);
  const columns = hasPixels(table)
    ? fitPixels(table, chosen)
    : table.columns.filter(isFeature).map(column => (isCategory(column) ? fitCategory(column, chosen, most) : fitNumber(column, chosen)));
  if (columns.every(column => widthOf(column) === 0)) {
    const why = table.columns.length === 0 ? "none beside the label" : "those that are left out, or always the same";
    throw new UsageError(`ufom: ${table.file} must have a column to learn from; received ${why}.`);
  }
  return {
    format: "ufom.features",
    version: 1,
    columns,
    leftOut: table.columns.filter(column => !isFeature(column)).map(({ name }) => name),
    ...(table.label === undefined ? {} : { target: fitTarget(table.label, chosen) }),
  };
}

export const isEncodedNumber = (column: EncodedNumber | EncodedCategory): column is EncodedNumber => "scale" in column;

/** Number of features that a column becomes. */
export const widthOf = (column: EncodedNumber | EncodedCategory): number =>
  Number(column.missing) + (isEncodedNumber(column) ? Number(column.scale > 0) : column.levels.length + Number(column.others > 0));

/** Names of the features: `age`, `age missing`, `job=clerk`, `job other`. */
export function featureNames({ columns }: Encoding): string[] {
  return columns.flatMap(column => [
    ...(isEncodedNumber(column)
      ? column.scale > 0
        ? [column.name]
        : []
      : [...column.levels.map(level => `${column.name}=${level}`), ...(column.others > 0 ? [`${column.name} other`] : [])]),
    ...(column.missing ? [`${column.name} missing`] : []),
  ]);
}

/** Sentences about what is made of columns, where it is not what one expects. */
export function encodingNotes({ columns }: Encoding): string[] {
  return columns.flatMap(column => {
    const name = `Column ${quoted(column.name)}`;
    if (isEncodedNumber(column)) {
      const heavy = `${name}: a few numbers lie far out, so it is scaled by its quartiles and cut off at ${farthest} of them.`;
      return column.robust ? [heavy] : column.scale > 0 ? [] : [`${name}: always the same in the rows that are learned from.`];
    }
    return column.others > 0
      ? [`${name}: the ${column.levels.length} most frequent values have a feature each, ${count(column.others, "other")} share one.`]
      : [];
  });
}
