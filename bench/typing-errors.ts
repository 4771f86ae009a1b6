// Writes the table of `ufom clean` with a column of numbers: examples/penguins.csv, of which some body masses were weighed twice (column `checked`), and some of
// the others are mistyped as people mistype them. What was done to which row is printed.
//
//     npx tsx bench/typing-errors.ts examples/penguins.csv examples/penguin-masses.csv
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { stream } from "../src/index.js";

/** A value that was mistyped: its row, from 1, what is right, and what stands there. */
export interface Slip {
  readonly row: number;
  readonly right: string;
  readonly typed: string;
  readonly what: string;
}

/** The table with slips, and what they are. */
export function mistype(text: string, column: string, { slips, checked, seed }: { slips: number; checked: number; seed: number }) {
  const [head, ...rows] = text
      .trimEnd()
      .split("\n")
      .map(line => line.split(",")),
    at = head.indexOf(column),
    random = stream(seed, "typing errors"),
    // Some of the rows that have a number, in any order.
    order = random.permutation(rows.length).filter(row => rows[row][at] !== ""),
    right = rows.map(cells => cells[at]),
    trusted = new Set(order.slice(slips, slips + checked)),
    kinds: readonly (readonly [string, (value: string, row: number) => string])[] = [
      ["first digits swapped", ([a, b, ...rest]) => [b, a, ...rest].join("")],
      ["a zero too many", value => `${value}0`],
      ["a zero too few", value => String(Math.round(Number(value) / 10))],
      ["another row's", () => right[order[order.length - 1 - random.integer(100)]]],
      ["first digit doubled", value => value[0] + value.slice(0, -1)],
    ],
    made: Slip[] = [];
  order.slice(0, slips).forEach((row, k) => {
    const [what, typo] = kinds[k % kinds.length],
      typed = typo(right[row], row);
    rows[row][at] = typed;
    made.push({ row: row + 1, right: right[row], typed, what });
  });
  const lines = [[...head, "checked"], ...rows.map((cells, row) => [...cells, trusted.has(row) ? "yes" : "no"])];
  return { table: `${lines.map(cells => cells.join(",")).join("\n")}\n`, slips: made.sort((a, b) => a.row - b.row) };
}

/** What examples/penguin-masses.csv is made with. */
export const penguinSlips = { slips: 20, checked: 80, seed: 1 } as const;

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [from, to] = process.argv.slice(2),
    { table, slips } = mistype(readFileSync(from, "utf8"), "body_mass_g", penguinSlips);
  writeFileSync(to, table);
  for (const { row, right, typed, what } of slips) console.log(`row ${row}: ${right} became ${typed}, ${what}`);
}
