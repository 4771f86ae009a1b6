import { quoted } from "../tables/refuse.js";
import { terminalWidth, wrap } from "../terminal-width.js";
import { harmless } from "../text-width.js";
import { nearest } from "ufom/internal/tensor/nearest";
import { quantity } from "ufom/internal/tensor/quantity";
import type { Answers } from "./answers-file.js";
import { suspectsOf } from "./answer.js";
import { ends, Keys } from "./keys.js";
import type { Cleaned } from "./output.js";
import { cellText, rowName, shownColumns } from "./output.js";

/** Columns that are shown of a suspect, and classes that are listed. */
const [mostColumns, mostClasses] = [12, 20];

const say = (text: string): void => void process.stdout.write(text);
const lines = (text: string): void => say(`${wrap(harmless(text), terminalWidth(), "  ").join("\n")}\n`);

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
function ask({ file, perRow, verdict }: Cleaned, row: number, at: number, all: number): void {
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
 * Asks about one suspect after the other, the most suspect one first: what is answered is saved at once. Ends with `q`, Ctrl-C, or the end of the input.
 * @returns how many answers were given and not taken back
 */
export async function review(cleaned: Cleaned, answers: Answers, keys = (): Keys => new Keys()): Promise<number> {
  const { file, perRow } = cleaned,
    { classes } = file.label,
    suspects = suspectsOf(perRow).filter(row => !answers.byRow.has(row)),
    before = answers.byRow.size,
    // What was done, to be undone: whether the answer of a suspect was saved, or it was skipped.
    done: boolean[] = [];
  if (suspects.length === 0) {
    lines("There is no suspect that has not been answered for.");
    return 0;
  }
  say("\n");
  lines(`Review: ${quantity(suspects.length, "suspect")}; each answer is saved at once.`);
  const pressed = keys();
  try {
    for (let at = 0, asked = -1; at < suspects.length;) {
      const row = suspects[at];
      if (asked !== at) ask(cleaned, row, at, suspects.length);
      asked = at;
      let key = await pressed.next();
      while (key === "\n" || key === "\r" || key === " ") key = await pressed.next();
      if (key === "q" || ends(key)) break;
      const answer = async (code: number): Promise<void> => {
        await answers.set(row, code);
        lines(`  ${code === perRow[row].given ? "Kept" : "Relabelled"} as ${quoted(classes[code])}.`);
        done.push(true);
        at++;
      };
      if (key === "k") await answer(perRow[row].given);
      else if (key === "r") await answer(perRow[row].suggested);
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
      } else if (key === "o") {
        lines(`  Which of ${classes.slice(0, mostClasses).map(quoted).join(", ")}${classes.length > mostClasses ? ", …" : ""}?`);
        say("  > ");
        const text = await pressed.line(say);
        say("\n");
        if (text === undefined) {
          asked = -1;
          continue;
        }
        const code = classMeant(text, classes),
          near = nearest(text.trim(), classes);
        if (code === undefined)
          lines(
            `  There is no class ${quoted(text.trim())}${near === undefined ? "" : ` (did you mean ${quoted(near)}?)`}: [k], [r], [o], [s], [u] or [q]?`,
          );
        else await answer(code);
      } else lines(`  ${/^[ -~]$/.test(key!) || key! > "\x9f" ? quoted(key!) : "That key"} is none of k, r, o, s, u, q.`);
    }
  } finally {
    pressed.close();
  }
  say("\n");
  return answers.byRow.size - before;
}
