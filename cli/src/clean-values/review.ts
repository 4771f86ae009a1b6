import { Keys } from "../clean/keys.js";
import { cellText, rowName, shownColumns } from "../clean/output.js";
import { isFeature } from "../tables/columns.js";
import { isNumberText } from "../tables/numbers.js";
import { quoted } from "../tables/refuse.js";
import { terminalWidth, wrap } from "../terminal-width.js";
import { quantity } from "ufom/internal/tensor/quantity";
import { suspectValues } from "./answer.js";
import type { ValueAnswers } from "./answers-file.js";
import type { CleanedValues } from "./output.js";
import { numberText } from "./output.js";

/** Columns that are shown of a suspect. */
const mostColumns = 12;

const say = (text: string): void => void process.stdout.write(text);
const lines = (text: string): void => say(`${wrap(text, terminalWidth(), "  ").join("\n")}\n`);

/** A suspect as it is asked about. */
function ask({ file, perRow }: CleanedValues, row: number, at: number, all: number): void {
  const { given, suggested, pWrong } = perRow[row],
    sure = pWrong === undefined ? "" : `, p_wrong ${pWrong.toFixed(2)}`,
    cells = shownColumns(file, mostColumns).map(
      column => `${column.name}${isFeature(column) ? "" : ` (${column.type})`} ${cellText(column, row)}`,
    );
  say("\n");
  lines(
    `${at + 1} of ${all}, ${file.table.files === undefined ? "row " : ""}${rowName(file, row)}: given ${numberText(given)}, suggested ${numberText(suggested)}${sure}.`,
  );
  if (cells.length > 0) lines(`  ${cells.join(", ")}`);
  lines(`  [k]eep ${numberText(given)}, [t]ake ${numberText(suggested)}, [n]umber of your own, [s]kip, [u]ndo, [q]uit`);
}

/**
 * Asks about one suspect after the other, the most suspect one first: what is answered is saved at once. Ends with `q`, Ctrl-C, or the end of the input.
 * @returns how many answers were given and not taken back
 */
export async function reviewValues(cleaned: CleanedValues, answers: ValueAnswers): Promise<number> {
  const { perRow } = cleaned,
    suspects = suspectValues(perRow).filter(row => !answers.byRow.has(row)),
    before = answers.byRow.size,
    // What was done, to be undone: whether the answer of a suspect was saved, or it was skipped.
    done: boolean[] = [];
  if (suspects.length === 0) {
    lines("There is no suspect that has not been answered for.");
    return 0;
  }
  say("\n");
  lines(`Review: ${quantity(suspects.length, "suspect")}; each answer is saved at once.`);
  const keys = new Keys();
  try {
    for (let at = 0, asked = -1; at < suspects.length;) {
      const row = suspects[at];
      if (asked !== at) ask(cleaned, row, at, suspects.length);
      asked = at;
      let key = await keys.next();
      while (key === "\n" || key === "\r" || key === " ") key = await keys.next();
      if (key === undefined || key === "q" || key === "\x03" || key === "\x04") break;
      const answer = async (value: number): Promise<void> => {
        await answers.set(row, value);
        lines(`  ${value === perRow[row].given ? "Kept" : "Changed to"} ${numberText(value)}.`);
        done.push(true);
        at++;
      };
      if (key === "k") await answer(perRow[row].given);
      else if (key === "t") await answer(perRow[row].suggested);
      else if (key === "s") {
        lines("  Skipped.");
        done.push(false);
        at++;
      } else if (key === "u") {
        const last = done.pop();
        if (last === undefined) lines("  There is nothing to undo.");
        else {
          at--;
          if (last) await answers.set(suspects[at], undefined);
          lines("  Taken back.");
        }
      } else if (key === "n") {
        say("  Which number? ");
        const text = await keys.line(process.stdin.isTTY ? say : () => {});
        say("\n");
        if (text === undefined) {
          asked = -1;
          continue;
        }
        const value = isNumberText(text) ? Number(text) : NaN;
        if (Number.isFinite(value)) await answer(value);
        else lines(`  ${quoted(text.trim())} is no number, as 3.5 or -1e4 are: [k], [t], [n], [s], [u] or [q]?`);
      } else lines(`  ${quoted(key)} is none of k, t, n, s, u, q.`);
    }
  } finally {
    keys.close();
  }
  return answers.byRow.size - before;
}
