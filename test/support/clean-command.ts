import { readFileSync } from "node:fs";
import { cleanFile } from "../../cli/src/commands/clean.js";
import type { CleanOptions } from "../../cli/src/clean/options.js";
import { isOfClasses, openForCleaning, readForCleaning } from "../../cli/src/clean/read.js";
import type { ReadFile } from "../../cli/src/clean/read.js";
import type { Terminal } from "../../cli/src/terminal.js";
import { formatTable } from "../../cli/src/terminal-table.js";
import { wrap } from "../../cli/src/terminal-width.js";

/** How `ufom clean` ended, and what it said. */
export interface Said {
  readonly code: number;
  readonly lines: readonly string[];
  readonly json: Record<string, unknown>;
}

/** The command in this process, on a terminal of 80 columns. */
export async function clean(file: string, options: CleanOptions): Promise<Said> {
  const lines: string[] = [];
  let json: unknown;
  const terminal: Terminal = {
    line: text => void lines.push(...text.split("\n")),
    text: text => void lines.push(...wrap(text, 80, "  ")),
    table: table => void lines.push(...formatTable(table, 80).split("\n")),
    banner: () => {},
    json: document => void (json = document),
    note: text => void lines.push(text),
  };
  const code = await cleanFile(file, options, terminal);
  return { code, lines, json: json as Record<string, unknown> };
}

/** The rows of a CSV file without quotes, by the names of its columns. */
export function csv(file: string): Record<string, string>[] {
  const [head, ...rows] = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map(line => line.split(","));
  return rows.map(cells => Object.fromEntries(head.map((name, i) => [name, cells[i]])));
}

/** Reads a file whose labels are classes, as the command does. @throws if they are numbers */
export async function readClasses(file: string, options: CleanOptions): Promise<ReadFile> {
  const opened = await openForCleaning(file, options);
  if (!isOfClasses(opened)) throw new Error(`${file} must have classes`);
  return readForCleaning(opened, options);
}
