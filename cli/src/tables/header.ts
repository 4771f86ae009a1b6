import { isNumberText } from "./numbers.js";
import { count, quoted, some, type Refuse } from "./refuse.js";

/** Whether the cells count up by one, as the header of unnamed columns does: 0, 1, 2, …; pixels are written so. */
function countUp(cells: readonly string[]): boolean {
  const numbers = cells.filter(isNumberText).map(Number);
  return numbers.length > 1 && numbers.every((n, i) => Number.isInteger(n) && n >= 0 && (i === 0 || n === numbers[i - 1] + 1));
}

/** Whether a first row holds data and no names: a number stands in it, and not because columns are numbered. */
export const looksLikeData = (cells: readonly string[]): boolean => cells.some(isNumberText) && !countUp(cells);

/** Names for columns that have none. */
export const numberedNames = (n: number): string[] => Array.from({ length: n }, (_, i) => `column ${i + 1}`);

/**
 * The names in a header.
 * @throws UsageError if two are the same
 */
export function namesOf(
  cells: readonly string[],
  refuse: Refuse,
): { readonly names: readonly string[]; readonly notes: readonly string[] } {
  const trimmed = cells.map(cell => cell.trim());
  const unnamed = trimmed.filter(name => name === "").length;
  const names = trimmed.map((name, i) => (name === "" ? `column ${i + 1}` : name));
  const seen = new Set<string>();
  const twice = new Set(names.filter(name => seen.size === seen.add(name).size));
  if (twice.size > 0) refuse("must name every column differently", `${some([...twice])} more than once`);
  const notes =
    unnamed === 0 ? [] : [`${count(unnamed, "column")} without a name: called by number, as ${quoted(names[trimmed.indexOf("")])}.`];
  return { names, notes };
}
