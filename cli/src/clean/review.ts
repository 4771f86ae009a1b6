import { quoted } from "../tables/refuse.js";
import { nearest } from "ufom/internal/tensor/nearest";
import type { Answers } from "./answers-file.js";
import { suspectsOf } from "./answer.js";
import { askSuspects, lines, say } from "./ask-suspects.js";
import type { Keys } from "./keys.js";
import type { Cleaned } from "./output.js";
import { cellText, rowName, shownColumns } from "./output.js";

/** Columns that are shown of a suspect, and classes that are listed. */
const [mostColumns, mostClasses] = [12, 20];

/** The class that is meant by a name, or by the beginning of one name alone, in whatever case. */
function classMeant(text: string, classes: readonly string[]): number | undefined {
  const word = text.trim(),
    like = (name: string) => name.toLowerCase().startsWith(word.toLowerCase()),
    exact = classes.indexOf(word);
  if (exact >= 0) return exact;
  const begun = classes.flatMap((name, i) => (word !== "" && like(name) ? [i] : []));
  return begun.length === 1 ? begun[0] : undefined;
}

/** A suspect as it is asked about. */
function show({ file, perRow, verdict }: Cleaned, row: number, at: number, all: number): void {
  const { classes } = file.label,
    { given, suggested, pWrong } = perRow[row],
    sure = pWrong === undefined ? "" : `, p_wrong ${pWrong.toFixed(2)}`,
    cells = shownColumns(file, mostColumns).map(column => `${column.name}: ${cellText(column, row) || "–"}`);
  say("\n");
  lines(
    `${at + 1} of ${all}, ${file.table.files === undefined ? "row " : ""}${rowName(file, row)}: given ${quoted(classes[given])}, suggested ${quoted(classes[suggested])}${sure}.`,
  );
  if (cells.length > 0) lines(`  ${cells.join("; ")}`);
  lines(`  [k]eep ${quoted(classes[given])}, [r]elabel as ${quoted(classes[suggested])}, [o]ther, [s]kip, [u]ndo, [q]uit`);
  if (verdict.pWrong === undefined) lines("  (it was stopped early: there is no p_wrong)");
}

/**
 * Asks about one suspect after the other, the most suspect one first.
 * @returns how many answers were given and not taken back
 */
export function review(cleaned: Cleaned, answers: Answers, keys?: () => Keys): Promise<number> {
  const { file, perRow } = cleaned,
    { classes } = file.label;
  const meant = (text: string): number | undefined => {
    const code = classMeant(text, classes),
      near = nearest(text.trim(), classes);
    if (code === undefined)
      lines(
        `  There is no class ${quoted(text.trim())}${near === undefined ? "" : ` (did you mean ${quoted(near)}?)`}: [k], [r], [o], [s], [u] or [q]?`,
      );
    return code;
  };
  return askSuspects(
    {
      suspects: suspectsOf(perRow).filter(row => !answers.byRow.has(row)),
      show: (row, at, all) => show(cleaned, row, at, all),
      take: "r",
      other: "o",
      given: row => perRow[row].given,
      suggested: row => perRow[row].suggested,
      which: `Which of ${classes.slice(0, mostClasses).map(quoted).join(", ")}${classes.length > mostClasses ? ", …" : ""}?`,
      meant,
      confirm: (row, code) => `${code === perRow[row].given ? "Kept" : "Relabelled"} as ${quoted(classes[code])}.`,
    },
    answers,
    keys,
  );
}
