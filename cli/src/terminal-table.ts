import type { Table } from "./problems/figure.js";

const isNumber = (cell: string): boolean => /^[±−-]?\d/.test(cell) || cell === "" || cell === "NaN";

/** The longest rule below a table's header; most terminals would break a longer one. */
const widestRule = 110;

/** A table as lines of text: columns in line, numbers flush right. */
export function formatTable({ title, columns, rows, note }: Table): string {
  const all = [columns, ...rows];
  const width = columns.map((_, i) => Math.max(...all.map(row => (row[i] ?? "").length)));
  const right = columns.map((_, i) => i > 0 && rows.length > 0 && rows.every(row => isNumber(row[i] ?? "")));
  const line = (row: readonly string[]) =>
    columns
      .map((_, i) => (right[i] ? (row[i] ?? "").padStart(width[i]) : (row[i] ?? "").padEnd(width[i])))
      .join("  ")
      .trimEnd();
  const rule = "─".repeat(
    Math.min(
      widestRule,
      width.reduce((sum, w) => sum + w + 2, -2),
    ),
  );
  const heading = title === undefined ? [] : [title, ""];
  const foot = note === undefined ? [] : ["", note];
  return [...heading, line(columns), rule, ...rows.map(line), ...foot].join("\n");
}
