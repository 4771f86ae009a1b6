import type { Table } from "./problems/figure.js";
import type { Built, ProblemEntry } from "./problems/problem-entry.js";
import { unlimited, type Settings } from "./settings.js";
import { toJson } from "./json.js";
import { formatTable } from "./terminal-table.js";
import { terminalWidth, wrap } from "./terminal-width.js";
import { harmless } from "./text-width.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** What a command prints. With `--json` it prints one document and nothing else; notes go to standard error either way. */
export interface Terminal {
  /** Prints a line to standard output; prints nothing with `--json`. */
  line(text: string): void;
  /** The same, broken between words where the terminal is narrower; not for what is to be copied. */
  text(text: string): void;
  table(table: Table): void;
  banner(entry: ProblemEntry, built: Built, settings: Settings): void;
  /** Prints a JSON document to standard output; prints nothing without `--json`. */
  json(document: unknown): void;
  /** Prints a note about something that takes long to standard error. */
  note(text: string): void;
}

const out = (text: string): void => void process.stdout.write(text);
/** What may have come from a file of a stranger. */
const say = (text: string): void => out(harmless(text));

/** `exact, adam:0.5, 40 outer steps of 50 inner steps, float32, seed 1`. */
function settingsLine({ estimator, outer, outerSteps, innerSteps, metaBatch, dtype, seed, budget }: Settings): string {
  const steps = outerSteps === unlimited ? "" : `${quantity(outerSteps, "outer step")} of `;
  const tasks = metaBatch === 1 ? "" : ` on ${metaBatch} tasks`;
  const budgets = [
    ...(budget.evaluations === undefined ? [] : [quantity(budget.evaluations, "evaluation")]),
    ...(budget.charged === undefined ? [] : [`${budget.charged.total} charged evaluations`]),
    ...(budget.seconds === undefined ? [] : [`${budget.seconds} s`]),
  ];
  const limit = budgets.length > 0 ? `, at most ${budgets.join(" or ")}` : "";
  return `${estimator}, ${outer}, ${steps}${quantity(innerSteps!, "inner step")}${tasks}, ${dtype}, seed ${seed}${limit}`;
}

const note = (text: string): void => void process.stderr.write(`${harmless(text)}\n`);

export const peopleTerminal: Terminal = {
  line: text => say(`${text}\n`),
  text: text => say(`${wrap(harmless(text), terminalWidth(), `${/^ */.exec(text)![0]}  `).join("\n")}\n`),
  table: table => say(`\n${formatTable(table, terminalWidth())}\n\n`),
  banner(entry, built, settings) {
    for (const line of [`${entry.name}: ${entry.summary}`, ...(built.protocol ?? []).map(l => `  ${l}`), settingsLine(settings)])
      this.text(line);
  },
  json: () => {},
  note,
};

export const jsonTerminal: Terminal = {
  line: () => {},
  text: () => {},
  table: () => {},
  banner: () => {},
  json: document => out(toJson(document)),
  note,
};
