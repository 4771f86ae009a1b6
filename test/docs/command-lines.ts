import type { CodeBlock } from "./blocks.js";

/** A command of a shell block. */
export interface CommandLine {
  readonly document: string;
  readonly line: number;
  readonly words: readonly string[];
}

const shells = new Set(["sh", "bash", "shell", "console"]);

/** The words of one shell line: quotes taken off, a comment left out. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [, single, double, bare] of text.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)) {
    if (bare?.startsWith("#")) break;
    words.push(single ?? double ?? bare);
  }
  return words;
}

/** The commands of shell blocks: one a line or a part of a pipeline; a prompt `$` and variables before a command are left out. */
export function commandLines(blocks: readonly CodeBlock[]): CommandLine[] {
  const commands: CommandLine[] = [];
  for (const { document, line, code } of blocks.filter(({ language }) => shells.has(language))) {
    const lines = code.split("\n");
    for (let i = 0; i < lines.length; i++) {
      const first = i;
      let text = lines[i];
      while (text.endsWith("\\") && i + 1 < lines.length) text = text.slice(0, -1) + lines[++i];
      for (const part of text.split(/\s(?:\|\|?|&&|;)\s/)) {
        const words = wordsOf(part.replace(/^\s*\$\s+/, ""));
        while (words.length > 0 && /^[A-Z_]+=/.test(words[0])) words.shift();
        if (words.length > 0) commands.push({ document, line: line + first, words });
      }
    }
  }
  return commands;
}

/** The words after `ufom`, if that is the command. */
export function ufomWords({ words }: CommandLine): readonly string[] | undefined {
  const [first, ...rest] = words[0] === "npx" ? words.slice(1) : words;
  return first === "ufom" ? rest : undefined;
}

/**
 * The words that ask for a command's help: the command, and the problem where it is a built-in one (its own options are
 * listed too), not where it is the user's file or a place-holder.
 */
export function helpWords(words: readonly string[]): string[] {
  const [command, problem] = words;
  if (command === undefined || command.startsWith("-")) return ["--help"];
  const builtIn = problem !== undefined && /^[a-z][a-z0-9-]*$/.test(problem);
  return builtIn ? [command, problem, "--help"] : [command, "--help"];
}

/** The options among the words of a command, and the names set by `--set name=value`. */
export function optionsOf(words: readonly string[]): { readonly options: string[]; readonly settings: string[] } {
  const options = words.filter(word => word.startsWith("-")).map(word => word.split("=")[0]);
  const settings = words.filter((_, i) => words[i - 1] === "--set").map(word => word.split("=")[0]);
  return { options, settings };
}
