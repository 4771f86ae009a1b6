import type { CleaningResult } from "../cleaning/clean.js";
import type { Verdict } from "./find.js";
import type { ReadFile, Rows } from "./read.js";

/** What is said of a row of the table. */
export interface RowAnswer {
  /** In a training; 1 of trusted rows. */
  readonly weight: number;
  /** 1 for the most suspect; nothing of trusted rows. */
  readonly rank?: number;
  /** Nothing if there was no time for it. */
  readonly pWrong?: number;
  readonly suspect: boolean;
  /** Class of the label that the file has. */
  readonly given: number;
  /** The likeliest other class of a suspect, what a person answered, or the given one. */
  readonly suggested: number;
  /** Who knows that it is right, if anybody does. */
  readonly trusted?: "column" | "answer";
}

/** What was found, row of the table by row of the table. */
export function answersOf(file: ReadFile, { looked }: Rows, verdict: Verdict, answers: ReadonlyMap<number, number>): RowAnswer[] {
  const { table, label, marked } = file,
    place = new Int32Array(table.rowCount).fill(-1);
  looked.forEach((row, at) => (place[row] = at));
  // Places among rows that nobody has answered for.
  const rank = new Map<number, number>();
  Array.from(looked.keys())
    .filter(at => !answers.has(looked[at]))
    .sort((a, b) => verdict.rank[a] - verdict.rank[b])
    .forEach((at, k) => rank.set(at, k + 1));
  return Array.from(label.codes, (given, row): RowAnswer => {
    const answer = answers.get(row),
      at = place[row];
    if (marked.has(row)) return { weight: 1, pWrong: 0, suspect: false, given, suggested: given, trusted: "column" };
    if (answer !== undefined) return { weight: 1, pWrong: 0, suspect: false, given, suggested: answer, trusted: "answer" };
    return {
      weight: verdict.weight[at],
      rank: rank.get(at)!,
      ...(verdict.pWrong === undefined ? {} : { pWrong: verdict.pWrong[at] }),
      suspect: verdict.suspect[at] === 1,
      given,
      suggested: verdict.suggested[at],
    };
  });
}

/** Rows of the table that are suspects, the most suspect one first. */
export const suspectsOf = (rows: readonly RowAnswer[]): number[] =>
  rows
    .map((_, row) => row)
    .filter(row => rows[row].suspect)
    .sort((a, b) => rows[a].rank! - rows[b].rank!);

/** How many labels are wrong among rows that nobody has answered for: what answers have settled is taken away. */
export function wrongCount({ looked }: Rows, verdict: Verdict, answers: ReadonlyMap<number, number>): CleaningResult["wrong"] | undefined {
  const { wrong, pWrong } = verdict;
  if (wrong === undefined || pWrong === undefined) return undefined;
  const settled = looked.reduce((total, row, at) => (answers.has(row) ? total + pWrong[at] : total), 0),
    less = (x: number): number => Math.max(0, x - settled);
  return { value: less(wrong.value), low: less(wrong.low), high: Math.min(less(wrong.high), looked.length - answers.size) };
}

/** Suspects by given and suggested class, c × c, given class by row. */
export function confusionOf(rows: readonly RowAnswer[], classes: number): Int32Array {
  const counts = new Int32Array(classes * classes);
  for (const { suspect, given, suggested } of rows) if (suspect) counts[given * classes + suggested]++;
  return counts;
}
