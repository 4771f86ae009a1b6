import type { TextCells } from "./text-cells.js";

const msPerDay = 86_400_000;
const time = String.raw`(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*(Z|[+-]\d{2}:?\d{2})?)?`;

/** How dates are written, by which part comes first. */
export type DateStyle = "year-first" | "day-first" | "month-first";

const yearFirst = new RegExp(String.raw`^(\d{4})[-/](\d{1,2})[-/](\d{1,2})${time}$`);
const yearLast = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})${time}$`);

/** Minutes that a time zone is ahead. */
function offset(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  return sign * (60 * Number(zone.slice(1, 3)) + Number(zone.slice(-2)));
}

/** Days since 1970, or nothing if there is no such day. */
function daysOf(year: number, month: number, day: number, clock: readonly (string | undefined)[]): number | undefined {
  const date = new Date(Date.UTC(2000, month - 1, day));
  // Two-digit years would be taken for those of the last century.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const [hours = "0", minutes = "0", seconds = "0", zone] = clock;
  if (Number(hours) > 24 || Number(minutes) > 59 || Number(seconds) >= 61) return undefined;
  return date.getTime() / msPerDay + (Number(hours) * 60 + Number(minutes) - offset(zone)) / 1440 + Number(seconds) / 86_400;
}

/** A text as days since 1970; dates without a time are at midnight, those without a zone in UTC. */
function parse(text: string, style: DateStyle): number | undefined {
  if (style === "year-first") {
    const found = yearFirst.exec(text);
    return found === null ? undefined : daysOf(Number(found[1]), Number(found[2]), Number(found[3]), found.slice(4));
  }
  const found = yearLast.exec(text);
  if (found === null) return undefined;
  const [a, b] = [Number(found[1]), Number(found[3])];
  return style === "day-first" ? daysOf(Number(found[4]), b, a, found.slice(5)) : daysOf(Number(found[4]), a, b, found.slice(5));
}

/** The cells of a column as dates. */
export interface DateCells {
  readonly style: DateStyle;
  /** Days since 1970; NaN for what is missing. */
  readonly values: Float64Array;
  /** Whether days and months could be exchanged everywhere. */
  readonly ambiguous: boolean;
}

/** In one style, or the row of the first cell that is none. */
function inStyle(cells: TextCells, missing: ReadonlySet<string>, style: DateStyle): Float64Array | number {
  const values = new Float64Array(cells.length);
  let row = 0;
  for (const cell of cells) {
    const text = cell.trim();
    const value = missing.has(text) ? NaN : parse(text, style);
    if (value === undefined) return row;
    values[row++] = value;
  }
  return values;
}

/** Dots stand in dates whose day comes first; otherwise the month does where both are possible. */
const hasDots = (cells: TextCells, missing: ReadonlySet<string>): boolean => {
  for (const cell of cells) if (!missing.has(cell.trim())) return cell.includes(".");
  return false;
};

/**
 * Reads the cells of a column as dates.
 * @param told how they are written; found if not given
 * @returns the row of the first cell that is none, in the style that goes furthest, if there is one
 */
export function datesIn(cells: TextCells, missing: ReadonlySet<string>, told?: DateStyle): DateCells | number {
  const styles: readonly DateStyle[] = hasDots(cells, missing)
    ? ["year-first", "day-first", "month-first"]
    : ["year-first", "month-first", "day-first"];
  const tried = (told === undefined ? styles : [told]).map(style => ({ style, found: inStyle(cells, missing, style) }));
  const fitting = tried.filter((one): one is { style: DateStyle; found: Float64Array } => typeof one.found !== "number");
  if (fitting.length === 0) return Math.max(...tried.map(({ found }) => found as number));
  const [{ style, found }] = fitting;
  return { style, values: found, ambiguous: fitting.length > 1 && style === "month-first" };
}
