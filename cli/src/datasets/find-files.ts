import { stat } from "node:fs/promises";
import path from "node:path";
import { about, ifAbsent } from "../file-errors.js";
import { dataFolder } from "./places.js";

export const isFile = async (file: string): Promise<boolean> => (await about(file, () => stat(file)).catch(ifAbsent))?.isFile() === true;
export const isFolder = async (file: string): Promise<boolean> =>
  (await about(file, () => stat(file)).catch(ifAbsent))?.isDirectory() === true;

/** Sets whose files are called as another's: they are looked for in the set's own folder only. */
const sameNames = new Set(["mnist", "fashion-mnist"]);

/** Where a file of a data set may lie, most usual place first. */
const placesOf = (set: string, name: string): string[] => [
  path.join(dataFolder(), set, name),
  ...(sameNames.has(set) ? [] : [path.join(dataFolder(), name)]),
];

/** A file of a data set; nothing if it is not there. */
export async function findFile(set: string, name: string): Promise<string | undefined> {
  for (const file of placesOf(set, name)) if (await isFile(file)) return file;
  return undefined;
}

/** A data set that is not on this machine. @param command what gets it */
export function absent(set: string, files: readonly string[], command: string): Error {
  const [it, is] = files.length === 1 ? ["it", "is"] : ["they", "are"];
  const where = path.join(dataFolder(), set);
  return new Error(
    `ufom: ${set} needs ${files.join(" and ")} in ${where}, where ${it} ${is} not; get ${it === "it" ? it : "them"} with: ${command}`,
  );
}
