import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseOuter, solve } from "../../src/index.js";
import { codeBlocks } from "../docs/blocks.js";
import type { Example } from "./modules.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** An example's text with one change. */
export interface Mistake {
  readonly example: string;
  readonly before: string;
  readonly after: string;
}

/** A row of the page's tables: what is changed, and what is said. */
const row = /^\| `(.+?)` \| `(.+?)` \| `(.*?)` \|$/;

/** The page with what `said` says of each mistake in its place. */
export async function withMessages(page: string, said: (mistake: Mistake) => Promise<string>): Promise<string> {
  let example = "";
  const lines: string[] = [];
  for (const line of page.split("\n")) {
    example = /^## (.*\.ts)$/.exec(line)?.[1] ?? example;
    const [, before, after] = row.exec(line) ?? [];
    lines.push(before === undefined ? line : `| \`${before}\` | \`${after}\` | \`${await said({ example, before, after })}\` |`);
  }
  return lines.join("\n");
}

/** The problem of the section on loops, which is no file of its own. */
export const LOOPS = "loops.ts";

function textOf(example: string): string {
  if (example !== LOOPS) return readFileSync(join(root, "examples", example), "utf8");
  const page = readFileSync(join(root, "docs/tensor-language.md"), "utf8"),
    block = codeBlocks("tensor-language.md", page).find(({ code }) => code.includes("lax.scan("));
  return block!.code;
}

/** The text with the change. @throws unless there is one place for it */
function changed({ example, before, after }: Mistake): string {
  const parts = textOf(example).split(before);
  if (parts.length !== 2) throw new Error(`${example} has ${parts.length - 1} places with ${before}`);
  return parts.join(after);
}

/** What is said when the example with the mistake is run, in the words of the error. */
export async function messageOf(mistake: Mistake): Promise<string> {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache", "mistake-"));
  try {
    for (const shared of ["helpers.ts", "mnist.ts", "omniglot.ts"]) cpSync(join(root, "examples", shared), join(folder, shared));
    writeFileSync(join(folder, mistake.example), changed(mistake));
    const { default: problem, defaults } = (await import(join(folder, mistake.example))) as Partial<Example>;
    if (!problem || !defaults) return "nothing";
    await solve(problem, { ...defaults, outer: parseOuter(defaults.outer), outerSteps: 3, seed: 1 }).result();
    return "nothing";
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
