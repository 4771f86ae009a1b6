import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { about } from "../file-errors.js";
import { showPath } from "../show-place.js";

/** A folder with pictures in it. */
export interface PictureFolder {
  /** Folders from the outermost to this one, below the root. */
  readonly way: readonly string[];
  /** Paths of pictures in order of their names. */
  readonly pictures: readonly string[];
}

export interface Walk {
  readonly folders: readonly PictureFolder[];
  /** Number of files that are no pictures. */
  readonly others: number;
}

/** Class, group, part: no data set has more levels. */
const deepest = 3;

const isPicture = (name: string): boolean => /\.(png|jpe?g)$/i.test(name);
/** Pictures all the same, of kinds that are not read: to leave them out would change the class. */
const isOtherPicture = (name: string): boolean => /\.(gif|bmp|webp|tiff?|avif|heic|ppm|pgm|svg)$/i.test(name);
/** Of the system, or of a tool. */
const isHidden = (name: string): boolean => name.startsWith(".") || name.startsWith("__MACOSX") || name === "Thumbs.db";

/** What is in a folder by name, with links followed; what is neither file nor folder is left out. */
async function contents(folder: string): Promise<{ readonly files: readonly string[]; readonly inside: readonly string[] }> {
  const files: string[] = [];
  const inside: string[] = [];
  for (const entry of await about(folder, () => readdir(folder, { withFileTypes: true }))) {
    if (isHidden(entry.name)) continue;
    const found = entry.isSymbolicLink() ? await stat(path.join(folder, entry.name)) : entry;
    if (found.isDirectory()) inside.push(entry.name);
    else if (found.isFile()) files.push(entry.name);
  }
  // By their code units, which is the same order on every machine.
  return { files: files.sort(), inside: inside.sort() };
}

/**
 * The folders below a root that pictures lie in.
 * @throws Error one sentence if there are none, or they do not all lie equally deep
 */
export async function walkPictures(root: string): Promise<Walk> {
  const folders: PictureFolder[] = [];
  const empty: string[] = [];
  let others = 0;
  const visit = async (folder: string, way: readonly string[]): Promise<void> => {
    const { files, inside } = await contents(folder);
    const unread = files.find(isOtherPicture);
    if (unread !== undefined) throw new Error(`ufom: ${show(folder, unread)} must be a PNG or a JPEG; received a picture of another kind.`);
    const pictures = files.filter(isPicture).map(name => path.join(folder, name));
    others += files.length - pictures.length;
    if (pictures.length > 0 && way.length === 0) {
      throw new Error(`ufom: ${show(root)} must be a folder of class folders; received pictures outside of one, as ${show(pictures[0])}.`);
    }
    if (pictures.length > 0 && inside.length > 0) {
      throw new Error(
        `ufom: ${show(folder)} must hold either pictures or folders; received both, ${show(pictures[0])} and ${show(folder, inside[0])}.`,
      );
    }
    if (inside.length > 0 && way.length === deepest) {
      throw new Error(
        `ufom: ${show(root)} must hold folders at most ${deepest} deep (part/group/class); received ${show(folder, inside[0])}.`,
      );
    }
    if (pictures.length > 0) folders.push({ way, pictures });
    else if (inside.length === 0 && way.length > 0) empty.push(folder);
    for (const name of inside) await visit(path.join(folder, name), [...way, name]);
  };
  await visit(root, []);
  if (empty.length > 0) throw new Error(`ufom: a class folder must hold PNG or JPEG files; received ${show(empty[0])}, which holds none.`);
  if (folders.length === 0)
    throw new Error(`ufom: ${show(root)} must be a folder of class folders with PNG or JPEG files; received one without.`);
  const [first] = folders;
  const other = folders.find(({ way }) => way.length !== first.way.length);
  if (other !== undefined) {
    throw new Error(`ufom: class folders must lie equally deep; received ${show(root, ...first.way)} and ${show(root, ...other.way)}.`);
  }
  return { folders, others };
}

/** A path as people see it. */
export const show = (...parts: readonly string[]): string => showPath(path.join(...parts));
