// Copies of the repository to break: what tests need, below .cache/mutate/.
import { cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { root } from "../shell.mjs";

/** What is never copied: packages are linked, the rest is made by commands. */
const left = new Set(["node_modules", ".git", ".cache", "dist", "runs", "coverage"]);

/**
 * A fresh copy.
 * @param {string} name
 * @returns {string} its folder
 */
export function copy(name) {
  const folder = join(root, ".cache/mutate", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(root)) if (!left.has(entry)) cpSync(join(root, entry), join(folder, entry), { recursive: true });
  symlinkSync(realpathSync(join(root, "node_modules")), join(folder, "node_modules"), "dir");
  return folder;
}

/** The sources by their path from the root. @returns {Map<string, string>} */
export function sources() {
  const names = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter(name => name.endsWith(".ts"));
  return new Map(names.sort().map(name => [join("src", name), readFileSync(join(root, "src", name), "utf8")]));
}

/**
 * The file in which a text stands exactly once, or what is wrong.
 * @param {ReadonlyMap<string, string>} files
 * @param {string} text
 * @returns {{ file: string } | { trouble: string }}
 */
export function find(files, text) {
  const found = [...files].flatMap(([file, source]) => Array.from({ length: source.split(text).length - 1 }, () => file));
  if (found.length === 1) return { file: found[0] };
  return { trouble: found.length === 0 ? "its text is nowhere in src/" : `its text stands ${found.length} times in src/` };
}
