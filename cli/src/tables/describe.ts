import { short, whole } from "../report/format.js";
import { formatTable } from "../terminal-table.js";
import { isCategory, isFeature, isNumeric, type Column, type Label, type Table } from "./columns.js";
import { missingWords } from "./missing.js";
import { count, quoted } from "./refuse.js";

/** What a column is, as plain data. */
export interface ColumnSummary {
  readonly name: string;
  readonly type: Column["type"];
  /** Whether something is learned from it. */
  readonly used: boolean;
  readonly missing: number;
  readonly missingAs: Readonly<Record<string, number>>;
  /** Of numbers; of dates as ISO texts. */
  readonly low?: number | string;
  readonly high?: number | string;
  readonly mean?: number;
  /** Of categories: how many, and the most frequent. */
  readonly levels?: number;
  readonly most?: string;
  readonly remark?: string;
}

export interface TableSummary {
  readonly file: string;
  readonly format: string;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  readonly label?:
    | { readonly name: string; readonly kind: "classes"; readonly classes: Readonly<Record<string, number>> }
    | { readonly name: string; readonly kind: "number"; readonly low: number; readonly high: number; readonly mean: number };
  readonly notes: readonly string[];
}

function spanOf(values: Float64Array): { readonly low: number; readonly high: number; readonly mean: number } {
  let [low, high, mean, n] = [Infinity, -Infinity, 0, 0];
  for (const x of values) {
    if (Number.isNaN(x)) continue;
    low = Math.min(low, x);
    high = Math.max(high, x);
    mean += (x - mean) / ++n;
  }
  return { low, high, mean };
}

/** `2024-01-31`, with the time where there is one. */
function isoOf(days: number): string {
  const date = new Date(Math.round(days * 86_400_000));
  if (Number.isNaN(date.getTime())) return short(days);
  const text = date.toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, -14) : `${text.slice(0, 19)}Z`;
}

function valuesOf(column: Column): Partial<ColumnSummary> {
  if (isCategory(column)) {
    const counts = new Int32Array(column.levels.length);
    for (const code of column.codes) if (code >= 0) counts[code]++;
    return { levels: column.levels.length, most: column.levels[counts.indexOf(Math.max(...counts))] };
  }
  if (!isNumeric(column)) return {};
  const { low, high, mean } = spanOf(column.values);
  return column.type === "date" ? { low: isoOf(low), high: isoOf(high) } : { low, high, mean };
}

const labelSummary = (label: Label): TableSummary["label"] =>
  label.kind === "number"
    ? { name: label.name, kind: "number", ...spanOf(label.values) }
    : { name: label.name, kind: "classes", classes: Object.fromEntries(label.classes.map((name, i) => [name, label.counts[i]])) };

/** What a table is, as plain data: for `--json`, and for reports. */
export function summaryOf(table: Table): TableSummary {
  const { file, format, rowCount, columns, label, notes } = table;
  return {
    file,
    format,
    rows: rowCount,
    columns: columns.map(column => ({
      name: column.name,
      type: column.type,
      used: isFeature(column),
      missing: column.missing,
      missingAs: Object.fromEntries(column.missingAs),
      ...valuesOf(column),
      ...(column.remark === undefined ? {} : { remark: column.remark }),
    })),
    ...(label === undefined ? {} : { label: labelSummary(label) }),
    notes,
  };
}

function span({ type, low, high, mean, levels, most }: ColumnSummary): string {
  if (levels !== undefined) return `${count(levels, "value")}${most === undefined ? "" : `, mostly ${quoted(most)}`}`;
  if (low === undefined || high === undefined) return "";
  if (typeof low === "string") return `${low} to ${high}`;
  return type === "boolean" ? `${short(100 * mean!)} % are 1` : `${short(low)} to ${short(high as number)}, mean ${short(mean!)}`;
}

/** More columns than these are not looked at one by one: pixels, the numbers of an embedding. Those of which something was decided are still shown. */
const mostLines = 60;

/** Whether there is nothing to say of a column but that it holds numbers. */
const isPlain = ({ type, used, missing, remark }: ColumnSummary): boolean =>
  type === "number" && used && missing === 0 && remark === undefined;

const lineOf = (column: ColumnSummary): string[] => [
  column.name,
  column.type,
  span(column),
  column.missing === 0 ? "" : missingWords(new Map(Object.entries(column.missingAs))),
  [column.used ? "" : "left out", column.remark ?? ""].filter(text => text !== "").join(": "),
];

function labelLine(label: NonNullable<TableSummary["label"]>): string {
  if (label.kind === "number")
    return `Label ${quoted(label.name)}: a number, ${short(label.low)} to ${short(label.high)}, mean ${short(label.mean)}.`;
  const all = Object.entries(label.classes).sort(([, a], [, b]) => b - a);
  const shown = all.slice(0, 10).map(([name, n]) => `${quoted(name)} ${whole(n)}`);
  return `Label ${quoted(label.name)}: ${count(all.length, "class", "classes")} (${shown.join(", ")}${all.length > 10 ? ", …" : ""}).`;
}

/** A table's columns, their types, and all that was decided, for the terminal. @param limit letters of a line */
export function describeTable(table: Table, limit = Infinity): string {
  const { file, format, rows, columns, label, notes } = summaryOf(table);
  const used = columns.filter(column => column.used).length;
  const few = columns.length <= mostLines;
  const shown = few ? columns : columns.filter(column => !isPlain(column)).slice(0, 10 * mostLines);
  const plain = columns.filter(isPlain).length;
  const head = `${file}: ${format}, ${whole(rows)} ${rows === 1 ? "row" : "rows"}, ${count(used, "column")} of ${columns.length} used.`;
  const rowsOfColumns = { columns: ["column", "type", "values", "missing", "remark"], rows: shown.map(lineOf) };
  const lines = shown.length === 0 ? [] : [formatTable(rowsOfColumns, limit)];
  const others = columns.length - shown.length - plain;
  const more = few
    ? []
    : [`… and ${count(plain, "column")} of numbers, none of them missing${others > 0 ? `; and ${others} others` : ""}.`];
  return [
    head,
    ...(label === undefined ? [] : [labelLine(label)]),
    "",
    ...lines,
    ...more,
    ...(notes.length > 0 ? ["", ...notes] : []),
  ].join("\n");
}
