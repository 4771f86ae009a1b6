import type { WrongCount } from "../cleaning/count.js";
import { columnDecimals, sensible } from "./digits.js";
import type { ValuesVerdict } from "./find.js";
import type { ValueRows, ValuesFile } from "./read.js";

/** What is said of a row of the table. */
export interface ValueAnswer {
  /** In a training; 1 of trusted rows. */
  readonly weight: number;
  /** 1 for the most suspect; nothing of rows that are trusted or answered for. */
  readonly rank?: number;
  /** Nothing if there was no time for it. */
  readonly pWrong?: number;
  readonly suspect: boolean;
  readonly given: number;
  /** What a model predicts for a suspect, what a person answered, or the given value. */
  readonly suggested: number;
  /** What a model that has not seen the row predicts; nothing of rows that are trusted. */
  readonly predicted?: number;
  /** Who knows that it is right, if anybody does. */
  readonly trusted?: "column" | "answer";
}

/** What was found, row of the table by row of the table. */
export function valueAnswers(
  { table, label, marked }: ValuesFile,
  { looked }: ValueRows,
  verdict: ValuesVerdict,
  answers: ReadonlyMap<number, number>,
): ValueAnswer[] {
  const place = new Int32Array(table.rowCount).fill(-1),
    decimals = columnDecimals(label.values);
  looked.forEach((row, at) => (place[row] = at));
  // Places among rows that nobody has answered for.
  const rank = new Map(
    Array.from(looked.keys())
      .filter(at => !answers.has(looked[at]))
      .sort((a, b) => verdict.rank[a] - verdict.rank[b])
      .map((at, k) => [at, k + 1]),
  );
  return Array.from(label.values, (given, row): ValueAnswer => {
    const answer = answers.get(row),
      at = place[row];
    if (marked.has(row)) return { weight: 1, pWrong: 0, suspect: false, given, suggested: given, trusted: "column" };
    const predicted = verdict.predicted[at];
    if (answer !== undefined) return { weight: 1, pWrong: 0, suspect: false, given, suggested: answer, predicted, trusted: "answer" };
    const suspect = verdict.suspect[at] === 1;
    return {
      weight: verdict.weight[at],
      rank: rank.get(at)!,
      ...(verdict.pWrong === undefined ? {} : { pWrong: verdict.pWrong[at] }),
      suspect,
      given,
      suggested: suspect ? sensible(predicted, verdict.scatter[at], decimals) : given,
      predicted,
    };
  });
}

/** Rows of the table that are suspects, the most suspect one first. */
export const suspectValues = (rows: readonly ValueAnswer[]): number[] =>
  rows
    .map((_, row) => row)
    .filter(row => rows[row].suspect)
    .sort((a, b) => rows[a].rank! - rows[b].rank!);

/** How many values are wrong among rows that nobody has answered for: what answers have settled since is taken away. */
export function wrongValues(
  { looked, input }: ValueRows,
  verdict: ValuesVerdict,
  answers: ReadonlyMap<number, number>,
): WrongCount | undefined {
  const { wrong, pWrong } = verdict;
  if (wrong === undefined || pWrong === undefined) return undefined;
  const settled = looked.reduce((total, row, at) => (answers.has(row) && input.settled?.[at] !== 1 ? total + pWrong[at] : total), 0),
    less = (x: number): number => Math.max(0, x - settled);
  return { value: less(wrong.value), low: less(wrong.low), high: Math.min(less(wrong.high), looked.length - answers.size) };
}

/** Rows of which it is not known: no suspects that are likely right, and no others that are likely wrong. */
export const unsureValues = (perRow: readonly ValueAnswer[]): number[] =>
  perRow
    .map((_, row) => row)
    .filter(row => perRow[row].pWrong !== undefined && perRow[row].pWrong > 0.25 && perRow[row].pWrong < 0.75)
    .sort((a, b) => Math.abs(perRow[a].pWrong! - 0.5) - Math.abs(perRow[b].pWrong! - 0.5) || a - b);
