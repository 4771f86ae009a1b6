import { isNumberText, numbersIn } from "./numbers.js";
import { takeRows, type RawTable } from "./raw.js";

/** A header in two rows is known by so many columns of numbers under it. */
const fewest = 2;

/**
 * Without a second row of names or units below the header: the first row has no number, and at least two columns hold numbers in every other row. The row
 * is left out, and that is told.
 */
export function withoutSecondHeader(raw: RawTable, missing: ReadonlySet<string>): RawTable {
  if (raw.rowCount < 3 || raw.rowNumbers[0] !== 0) return raw;
  const texts = raw.columns.flatMap(column => (column.kind === "text" ? [column.cells] : []));
  if (texts.length < raw.columns.length || texts.some(cells => isNumberText(cells.at(0)))) return raw;
  const likely = texts.filter(cells => !missing.has(cells.at(0).trim()) && isNumberText(cells.at(1)));
  if (likely.length < fewest) return raw;
  const numbers = likely.filter(cells => numbersIn(cells, missing).others === 1);
  if (numbers.length < fewest) return raw;
  const without = takeRows(
    raw,
    Int32Array.from({ length: raw.rowCount - 1 }, (_, i) => i + 1),
  );
  return { ...without, notes: [...raw.notes, "A second row of names or units below the header left out."] };
}
