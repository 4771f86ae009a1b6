import type { Table } from "./problems/figure.js";
import { wrap } from "./terminal-width.js";
import { padded, textWidth } from "./text-width.js";

const isNumber = (cell: string): boolean => /^[±−-]?\d/.test(cell) || cell === "" || cell === "NaN";

/** The longest rule below a table's header where the terminal does not say how wide it is. */
const widestRule = 110;
const gap = "  ";
/** No column of text is made narrower than this. */
const narrowest = 16;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const widthOf = (columns: readonly number[]): number => sum(columns) + gap.length * (columns.length - 1);

/** Columns in line, numbers flush right. Cells of several lines are set one below the other. */
function aligned(columns: readonly string[], rows: readonly (readonly string[])[], width: readonly number[], limit: number): string[] {
  const right = columns.map((_, i) => i > 0 && rows.length > 0 && rows.every(row => isNumber(row[i] ?? "")));
  const lines = (row: readonly string[]): string[] => {
    const cells = columns.map((_, i) => wrap(row[i] ?? "", width[i]));
    return Array.from({ length: Math.max(...cells.map(cell => cell.length)) }, (_, l) =>
      cells
        .map((cell, i) => padded(cell[l] ?? "", width[i], right[i]))
        .join(gap)
        .trimEnd(),
    );
  };
  const rule = "─".repeat(Math.max(0, Math.min(limit === Infinity ? widestRule : limit, widthOf(width))));
  return [...lines(columns), rule, ...rows.flatMap(lines)];
}

const widths = (columns: readonly string[], rows: readonly (readonly string[])[]): number[] =>
  columns.map((_, i) => Math.max(...[columns, ...rows].map(row => textWidth(row[i] ?? ""))));

/** Widths that fit because one column of text is broken into lines; undefined if that does not help. */
function narrowed({ columns, rows }: Table, natural: readonly number[], limit: number): number[] | undefined {
  const texts = columns.map((_, i) => i).filter(i => rows.some(row => /\S \S/.test(row[i] ?? "") && !isNumber(row[i])));
  if (texts.length === 0) return undefined;
  const widest = texts.reduce((a, b) => (natural[b] > natural[a] ? b : a));
  const rest = natural[widest] - (widthOf(natural) - limit);
  return rest >= narrowest ? natural.map((w, i) => (i === widest ? rest : w)) : undefined;
}

/** Each row as a block of lines, a name and a value each. */
function blocks({ columns, rows }: Table, limit: number): string[] {
  const name = Math.min(Math.max(...columns.map(textWidth)), Math.floor(limit / 2));
  return rows.flatMap((row, r) => [
    ...(r > 0 ? [""] : []),
    ...columns.flatMap((column, i) => {
      const names = wrap(column, name);
      const values = wrap(row[i] ?? "", limit - name - gap.length);
      return Array.from({ length: Math.max(names.length, values.length) }, (_, l) =>
        `${padded(names[l] ?? "", name)}${gap}${values[l] ?? ""}`.trimEnd(),
      );
    }),
  ]);
}

/** The first columns, as many as tell the rows apart. */
function keyColumns({ columns, rows }: Table): number {
  const apart = (n: number) => new Set(rows.map(row => JSON.stringify(row.slice(0, n)))).size === rows.length;
  return columns.findIndex((_, i) => apart(i + 1)) + 1 || 1;
}

/** The table in at most three parts one below the other, each of which begins with the columns that tell rows apart. */
function parts(table: Table, natural: readonly number[], limit: number): string[] | undefined {
  const { columns, rows } = table;
  const keys = columns.map((_, i) => i).slice(0, keyColumns(table));
  const groups: number[][] = [];
  for (let i = keys.length; i < columns.length; i++) {
    const last = groups.at(-1);
    const fits = (group: readonly number[]) => widthOf(group.map(c => natural[c])) <= limit;
    if (last !== undefined && fits([...last, i])) last.push(i);
    else if (fits([...keys, i])) groups.push([...keys, i]);
    else return undefined;
  }
  if (groups.length > 3) return undefined;
  const pick = <T>(from: readonly T[], group: readonly number[]): T[] => group.map(c => from[c]);
  return groups.flatMap((group, g) => [
    ...(g > 0 ? [""] : []),
    ...aligned(
      pick(columns, group),
      rows.map(row => pick(row, group)),
      pick(natural, group),
      limit,
    ),
  ]);
}

/** The body of a table within a width: as it is, with a column broken into lines, turned so that rows are columns, in parts, or row by row. */
function body(table: Table, limit: number): string[] {
  const { columns, rows } = table;
  const natural = widths(columns, rows);
  if (widthOf(natural) <= limit) return aligned(columns, rows, natural, limit);
  const fitting = narrowed(table, natural, limit);
  if (fitting !== undefined) return aligned(columns, rows, fitting, limit);
  const cells = [columns, ...rows];
  const [head, ...turned] = columns.map((_, i) => cells.map(row => row[i] ?? ""));
  const across = widths(head, turned);
  if (rows.length > 0 && widthOf(across) <= limit) return aligned(head, turned, across, limit);
  return parts(table, natural, limit) ?? blocks(table, limit);
}

/** A table as lines of text, none of them longer than the terminal is wide. */
export function formatTable(table: Table, limit = Infinity): string {
  const { title, note } = table;
  const heading = title === undefined ? [] : [...wrap(title, limit), ""];
  const foot = note === undefined ? [] : ["", ...wrap(note, limit)];
  return [...heading, ...body(table, limit), ...foot].join("\n");
}
