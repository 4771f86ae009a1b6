import { quoted } from "../tables/refuse.js";
import { terminalWidth, wrap } from "../terminal-width.js";
import { harmless } from "../text-width.js";
import { quantity } from "ufom/internal/tensor/quantity";
import { ends, Keys } from "./keys.js";

export const say = (text: string): void => void process.stdout.write(text);
export const lines = (text: string): void => say(`${wrap(harmless(text), terminalWidth(), "  ").join("\n")}\n`);

/** What is asked about suspects, one after the other. */
export interface Questions {
  /** Suspects that nobody has answered for, the most suspect one first. */
  readonly suspects: readonly number[];
  /** Shows a suspect and what can be answered. */
  readonly show: (row: number, at: number, all: number) => void;
  /** The keys that take the suggestion, and that ask for another answer. */
  readonly take: string;
  readonly other: string;
  readonly given: (row: number) => number;
  readonly suggested: (row: number) => number;
  /** What was asked for before another answer, and what it means: nothing, with a sentence that was said, where it means nothing. */
  readonly which: string;
  readonly meant: (text: string) => number | undefined;
  /** How an answer is confirmed. */
  readonly confirm: (row: number, answer: number) => string;
}

/** Where answers are kept; each is on the disk when the promise is fulfilled. */
export interface Kept {
  readonly byRow: ReadonlyMap<number, number>;
  set(row: number, answer: number | undefined): Promise<void>;
}

/**
 * Asks about one suspect after the other: what is answered is saved at once. Ends with `q`, Ctrl-C, or the end of the input.
 * @returns how many answers were given and not taken back
 */
export async function askSuspects(questions: Questions, answers: Kept, keys = (): Keys => new Keys()): Promise<number> {
  const { suspects, show, take, other, given, suggested, which, meant, confirm } = questions,
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
      if (asked !== at) show(row, at, suspects.length);
      asked = at;
      let key = await pressed.next();
      while (key === "\n" || key === "\r" || key === " ") key = await pressed.next();
      if (key === "q" || ends(key)) break;
      const answer = async (value: number): Promise<void> => {
        await answers.set(row, value);
        lines(`  ${confirm(row, value)}`);
        done.push(true);
        at++;
      };
      if (key === "k") await answer(given(row));
      else if (key === take) await answer(suggested(row));
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
      } else if (key === other) {
        lines(`  ${which}`);
        say("  > ");
        const text = await pressed.line(say);
        say("\n");
        if (text === undefined) {
          asked = -1;
          continue;
        }
        const value = meant(text);
        if (value !== undefined) await answer(value);
      } else lines(`  ${/^[ -~]$/.test(key!) || key! > "\x9f" ? quoted(key!) : "That key"} is none of k, ${take}, ${other}, s, u, q.`);
    }
  } finally {
    pressed.close();
  }
  say("\n");
  return answers.byRow.size - before;
}
