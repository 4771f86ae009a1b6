import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { buildIfStale } from "../../scripts/build.mjs";
import { allBlocks, codeBlocks } from "./blocks.js";
import { commandLines, helpWords, optionsOf, ufomWords } from "./command-lines.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const runFile = promisify(execFile);
const commands = commandLines(allBlocks(root));
const named = commands.map(command => [`${command.document}:${command.line}: ${command.words.join(" ")}`, command] as const);

/** What the command itself says about its options; fails for a command or a problem that it does not know. */
const helps = new Map<string, Promise<string>>();
function help(words: readonly string[]): Promise<string> {
  const key = words.join(" ");
  const asked = helps.get(key) ?? runFile(process.execPath, ["cli/dist/main.js", ...words], { cwd: root }).then(({ stdout }) => stdout);
  helps.set(key, asked);
  return asked;
}

/** Whether a text has a word, not as part of a longer one. */
const mentions = (text: string, word: string) => text.split(/[^\w-]+/).includes(word);

describe("commands in the documents", () => {
  beforeAll(() => buildIfStale());

  it.each(named.filter(([, command]) => ufomWords(command)))("%s", async (_, command) => {
    const words = ufomWords(command) ?? [];
    const texts = [await help(helpWords(words))];
    // The options of a run are those of its problem.
    if (words[0] === "evaluate") for (const problem of ["hyper-cleaning", "few-shot"]) texts.push(await help(["run", problem, "--help"]));
    const text = texts.join("\n");
    const { options, settings } = optionsOf(words);
    expect(options.filter(option => option !== "--help" && !mentions(text, option))).toEqual([]);
    expect(settings.filter(setting => !mentions(text, setting))).toEqual([]);
  });

  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { scripts: Record<string, string> };
  it.each(named.filter(([, { words }]) => words[0] === "npm" && (words[1] === "run" || words[1] === "test")))("%s", (_, { words }) => {
    expect(Object.keys(scripts)).toContain(words[1] === "run" ? words[2] : words[1]);
  });
});

describe("the reading of shell blocks", () => {
  const markdown = [
    "```sh",
    "npm run demo   # two minutes",
    "$ npx ufom run toy --seed 1 \\",
    "  --set 'a=b c' | tee log",
    "X=1 ufom list --json && ls",
    "```",
    "```ts",
    "ufom",
    "```",
  ];
  const read = commandLines(codeBlocks("page.md", markdown.join("\n")));

  it("finds commands and their lines", () =>
    expect(read.map(({ line, words }) => [line, ...words])).toEqual([
      [2, "npm", "run", "demo"],
      [3, "npx", "ufom", "run", "toy", "--seed", "1", "--set", "a=b c"],
      [3, "tee", "log"],
      [5, "ufom", "list", "--json"],
      [5, "ls"],
    ]));
  it("tells which are ufom's", () =>
    expect(read.map(command => ufomWords(command)?.[0])).toEqual([undefined, "run", undefined, "list", undefined]));
  it("asks for help of a built-in problem only", () =>
    expect(
      ["run toy --json", "run ./mine.ts", "run PROBLEM", "list", "--version"].map(line => helpWords(line.split(" ")).join(" ")),
    ).toEqual(["run toy --help", "run --help", "run --help", "list --help", "--help"]));
  it("finds options and settings", () =>
    expect(optionsOf(["run", "toy", "--seed=1", "--set", "a=2", "-q", "x"])).toEqual({
      options: ["--seed", "--set", "-q"],
      settings: ["a"],
    }));
});
