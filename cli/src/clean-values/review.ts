import { askSuspects, lines, say } from "../clean/ask-suspects.js";
import type { Keys } from "../clean/keys.js";
import { cellText, rowName, shownColumns } from "../clean/output.js";
import { isNumberText } from "../tables/numbers.js";
import { quoted } from "../tables/refuse.js";
import { suspectValues } from "./answer.js";
import type { ValueAnswers } from "./answers-file.js";
import type { CleanedValues } from "./output.js";
import { numberText } from "./output.js";

/** Columns that are shown of a suspect. */
const mostColumns = 12;

/** A suspect as it is asked about. */
function show({ file, perRow, verdict }: CleanedValues, row: number, at: number, all: number): void {
  const { given, suggested, pWrong } = perRow[row],
    sure = pWrong === undefined ? "" : `, p_wrong ${pWrong.toFixed(2)}`,
    cells = shownColumns(file, mostColumns).map(column => `${column.name}: ${cellText(column, row) || "–"}`);
  say("\n");
  lines(
    `${at + 1} of ${all}, ${file.table.files === undefined ? "row " : ""}${rowName(file, row)}: given ${numberText(given)}, suggested ${numberText(suggested)}${sure}.`,
  );
  if (cells.length > 0) lines(`  ${cells.join("; ")}`);
  lines(`  [k]eep ${numberText(given)}, [t]ake ${numberText(suggested)}, [n]umber of your own, [s]kip, [u]ndo, [q]uit`);
  if (verdict.pWrong === undefined) lines("  (it was stopped early: there is no p_wrong)");
}

/** A finite number, or nothing, which is said. */
function numberMeant(text: string): number | undefined {
  const value = isNumberText(text) ? Number(text) : NaN;
  if (Number.isFinite(value)) return value;
  lines(`  ${quoted(text.trim())} is no number, as 3.5 or -1e4 are: [k], [t], [n], [s], [u] or [q]?`);
  return undefined;
}

/**
 * Asks about one suspect after the other, the most suspect one first.
 * @returns how many answers were given and not taken back
 */
export const reviewValues = (cleaned: CleanedValues, answers: ValueAnswers, keys?: () => Keys): Promise<number> =>
  askSuspects(
    {
      suspects: suspectValues(cleaned.perRow).filter(row => !answers.byRow.has(row)),
      show: (row, at, all) => show(cleaned, row, at, all),
      take: "t",
      other: "n",
      given: row => cleaned.perRow[row].given,
      suggested: row => cleaned.perRow[row].suggested,
      which: "Which number?",
      meant: numberMeant,
      confirm: (row, value) => `${value === cleaned.perRow[row].given ? "Kept" : "Changed to"} ${numberText(value)}.`,
    },
    answers,
    keys,
  );
