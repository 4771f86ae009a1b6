import { isCategory, isNumeric, type Table } from "../../cli/src/tables/columns.js";

/** The cells of features by name, and the labels. */
export function cellsOf({ columns, label }: Table): Record<string, unknown> {
  const cells = columns.map(column => [
    column.name,
    isNumeric(column)
      ? Array.from(column.values, x => (Number.isNaN(x) ? null : x))
      : isCategory(column)
        ? Array.from(column.codes, code => column.levels[code] ?? null)
        : column.type,
  ]);
  const labels =
    label === undefined
      ? []
      : [[label.name, label.kind === "classes" ? Array.from(label.codes, code => label.classes[code]) : [...label.values]]];
  return Object.fromEntries([...cells, ...labels]) as Record<string, unknown>;
}
