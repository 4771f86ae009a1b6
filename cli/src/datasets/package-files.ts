import { open, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { about, ifAbsent } from "../file-errors.js";

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

const seenFrom = (name: string, cwd: string): string | undefined =>
  packageFolder(name, pathToFileURL(path.join(cwd, "package.json")).href) ?? packageFolder(name, import.meta.url);

/** Whether a data package is installed. */
export const hasPackage = (name: string, cwd = process.cwd()): boolean => seenFrom(name, cwd) !== undefined;

/**
 * Folder of a data package: the user's own (seen from the working directory) before the one beside this package.
 * @param holds what it holds and under which licence, where people should know before they add it
 * @throws Error one sentence that says how to add it
 */
export function dataPackage(name: string, cwd = process.cwd(), holds?: string): string {
  const folder = seenFrom(name, cwd);
  if (folder === undefined) {
    throw new Error(
      `ufom: the data come from the npm package ${name}${holds === undefined ? "" : ` (${holds})`}, which is not installed here; add it with: npm install ${name}`,
    );
  }
  return folder;
}

/**
 * The bytes of a file.
 * @throws Error one sentence if there is no such file
 */
export async function readBytes(file: string): Promise<Uint8Array> {
  await mustBeFile(file);
  return about(file, () => readFile(file));
}

/**
 * The first bytes of a file, as many as tell what kind it is of.
 * @throws Error one sentence if there is no such file
 */
export async function readStart(file: string): Promise<Uint8Array> {
  await mustBeFile(file);
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await about(file, () => handle.read(new Uint8Array(64), 0, 64, 0));
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function mustBeFile(file: string): Promise<void> {
  const found = await stat(file).catch(ifAbsent);
  if (found === undefined || !found.isFile()) throw new Error(`ufom: there must be a file ${file}; there is none.`);
}
