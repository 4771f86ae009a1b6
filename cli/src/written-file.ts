import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "./failure.js";
import { about, ifAbsent } from "./file-errors.js";
import { showPath } from "./show-place.js";

/** The file as the system knows it, whatever links lead there; nothing where there is none. */
export const realFile = (file: string): Promise<string | undefined> => about(file, () => realpath(file)).catch(ifAbsent);

/** @throws UsageError if a file is not called as what it will hold is */
export function mustEndIn(option: string, file: string, extension: string): void {
  if (!file.toLowerCase().endsWith(extension))
    throw new UsageError(`ufom: ${option} must be a file that ends in ${extension}; received ${JSON.stringify(file)}.`);
}

/** Whether a file would lie in a folder that is read: of pictures nothing is changed, and nothing is put among them. */
async function liesWithin(file: string, folder: string): Promise<boolean> {
  const real = await realFile(folder);
  return real !== undefined && path.resolve(file).startsWith(`${real}${path.sep}`) && (await stat(real)).isDirectory();
}

/** @throws UsageError if a folder that is to be made would lie in one that is read */
export async function mustBeOutside(option: string, folder: string, read: readonly (string | undefined)[]): Promise<void> {
  for (const other of read)
    if (other !== undefined && (await liesWithin(folder, other)))
      throw new UsageError(
        `ufom: ${option} must be a folder outside of ${showPath(other)}, which is never changed; received ${showPath(folder)}.`,
      );
}

/** @throws UsageError if a file that is to be written is one that is read, or its folder is not there */
export async function mustBeFree(option: string, file: string, read: readonly (string | undefined)[]): Promise<void> {
  const target = await realFile(file);
  for (const other of read) {
    if (other === undefined) continue;
    const real = await realFile(other),
      same = path.resolve(file) === path.resolve(other) || (target !== undefined && target === real);
    if (same || (await liesWithin(file, other)))
      throw new UsageError(
        `ufom: ${option} must be another file than those that are read, which are never changed; received ${showPath(file)}.`,
      );
  }
  const folder = path.dirname(path.resolve(file)),
    found = await about(folder, () => stat(folder)).catch(ifAbsent);
  if (!found?.isDirectory()) throw new UsageError(`ufom: ${option} must be a file in a folder that is there; received ${showPath(file)}.`);
  if (target !== undefined && (await stat(target)).isDirectory())
    throw new UsageError(`ufom: ${option} must be a file; received the folder ${showPath(file)}.`);
}
