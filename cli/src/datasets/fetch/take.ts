import { copyFile, mkdir, open, rm, stat } from "node:fs/promises";
import path from "node:path";
import { moveFile } from "../../durable.js";
import { UsageError } from "../../failure.js";
import { about, ifAbsent } from "../../file-errors.js";
import { showPath } from "../../show-place.js";
import { isFile } from "../find-files.js";
import { difference, sha256Of, type Known } from "./checksum.js";

/** A file that may be taken; where its checksum is not known, any file of that name is. */
export interface Takeable {
  readonly name: string;
  readonly known?: Known;
}

/** Copies a file, checks the copy, and gives it its name. Whatever goes wrong, there is no part of it then. */
async function copyChecked(from: string, folder: string, { name, known }: Takeable): Promise<void> {
  const target = path.join(folder, name);
  if (path.resolve(from) === path.resolve(target)) return check(from, known);
  await mkdir(folder, { recursive: true });
  const next = `${target}.${process.pid}.tmp`;
  try {
    await copyFile(from, next);
    if (known !== undefined) await check(next, known, from);
    const handle = await open(next, "r+");
    try {
      await about(next, () => handle.sync());
    } finally {
      await handle.close();
    }
    await moveFile(next, target);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

async function check(file: string, known: Takeable["known"], from = file): Promise<void> {
  const wrong = known === undefined ? undefined : await difference(file, known);
  if (wrong !== undefined) throw new UsageError(`ufom: ${showPath(from)} must be the file as it was published; received ${wrong}.`);
}

/** Which of several files one is, by its checksum whatever its name, else by its name. */
async function recognize(file: string, size: number, files: readonly Takeable[]): Promise<Takeable | undefined> {
  const ofSize = files.filter(({ known }) => known?.bytes === size);
  if (ofSize.length > 0) {
    const sum = await sha256Of(file);
    const found = ofSize.find(({ known }) => known?.sha256 === sum);
    if (found !== undefined) return found;
  }
  return files.find(({ name }) => name === path.basename(file));
}

/** The files of a set that a folder has, and where: in it, or in a folder of the set's name. */
async function foundIn(from: string, set: string, files: readonly Takeable[]): Promise<[Takeable, string][]> {
  const found: [Takeable, string][] = [];
  for (const file of files) {
    for (const place of [path.join(from, file.name), path.join(from, set, file.name)]) {
      if (!(await isFile(place))) continue;
      found.push([file, place]);
      break;
    }
  }
  return found;
}

/** Whether there is something to take: the file itself, or a file in the folder. */
export async function hasSome(from: string, set: string, files: readonly Takeable[]): Promise<boolean> {
  const found = await about(from, () => stat(from)).catch(ifAbsent);
  if (found === undefined) return false;
  if (found.isDirectory()) return (await foundIn(from, set, files)).length > 0;
  return (await recognize(from, found.size, files)) !== undefined;
}

/**
 * Copies files of a data set from where they are: one of them, or those that a folder has.
 * @param from the file, or the folder; in it, the files may also lie in a folder of the set's name
 * @param set the name of the set
 * @param files those that may be taken
 * @param folder where they belong
 * @returns the names of those that were taken
 * @throws UsageError one sentence if there are none, or one is not as it was published
 */
export async function take(from: string, set: string, files: readonly Takeable[], folder: string): Promise<readonly string[]> {
  const found = await about(from, () => stat(from)).catch(ifAbsent);
  if (found === undefined) throw new UsageError(`ufom: --from must name a file or a folder; there is no ${showPath(from)}.`);
  const names = files.map(({ name }) => name).join(", ");
  if (!found.isDirectory()) {
    const known = await recognize(from, found.size, files);
    if (known === undefined) {
      throw new UsageError(`ufom: --from must name one of ${names}; ${showPath(from)} (${found.size} bytes) is none of them.`);
    }
    await copyChecked(from, folder, known);
    return [known.name];
  }
  const taken: string[] = [];
  for (const [file, place] of await foundIn(from, set, files)) {
    await copyChecked(place, folder, file);
    taken.push(file.name);
  }
  if (taken.length === 0) throw new UsageError(`ufom: --from must name a folder with ${names}; ${showPath(from)} has none of them.`);
  return taken;
}
