import { mkdir } from "node:fs/promises";
import path from "node:path";
import { replaceFile } from "../durable.js";
import { readIfThere } from "../file-errors.js";
import { loadClassFolders } from "./class-folders.js";
import { isFolder } from "./find-files.js";
import type { ImageClasses } from "./image-classes.js";
import type { LoadOptions } from "./load-options.js";
import { dataFolder } from "./places.js";

const side = 84;

/** The parts that Ravi and Larochelle divided the classes into. */
const miniParts = ["train", "val", "test"] as const;

/** Why there is nothing to download, and what to do. */
const howToGetMini =
  "there is no official archive of mini-imagenet (its pictures are ImageNet's, whose terms forbid to pass them on); make a folder with "
  + "train/CLASS, val/CLASS and test/CLASS of PNG or JPEG files, by the published lists of Ravi and Larochelle from ImageNet's own archive "
  + "or from a copy that you may use, and give it: ufom data mini-imagenet --from FOLDER";

/** The file that says where the folder lies. */
const miniNote = (): string => path.join(dataFolder(), "mini-imagenet.json");

/** The folder that the note names; nothing if there is no note. */
async function noted(): Promise<string | undefined> {
  const note = await readIfThere(miniNote());
  return note === undefined ? undefined : parseNote(note.toString("utf8"), miniNote()).from;
}

/** Where mini-imagenet is meant to lie: in the folder of data sets, or where the note says. */
async function meant(): Promise<string | undefined> {
  const own = path.join(dataFolder(), "mini-imagenet");
  return (await isFolder(own)) ? own : noted();
}

/** The folder of mini-imagenet; nothing if it is not there. */
export async function whereMini(): Promise<string | undefined> {
  const folder = await meant();
  return folder !== undefined && (await isFolder(folder)) ? folder : undefined;
}

function parseNote(text: string, file: string): { readonly from: string } {
  try {
    const { from } = JSON.parse(text) as { from?: unknown };
    if (typeof from === "string") return { from };
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
  }
  throw new Error(`ufom: ${file} must name a folder as {"from": "…"}; it does not: ufom data mini-imagenet --from FOLDER writes it anew.`);
}

/**
 * mini-ImageNet from a folder of class folders below train, val and test.
 * @throws Error one sentence if there is none, or it is not what it should be
 * @see Vinyals et al., Matching networks for one shot learning, 2016; Ravi, Larochelle, Optimization as a model for few-shot learning, 2017
 */
export async function loadMiniImagenet(options: LoadOptions = {}): Promise<ImageClasses> {
  const folder = await meant();
  if (folder === undefined) throw new Error(`ufom: mini-imagenet is not in ${path.join(dataFolder(), "mini-imagenet")}: ${howToGetMini}`);
  if (!(await isFolder(folder))) {
    throw new Error(
      `ufom: mini-imagenet must lie in ${folder}, as ${miniNote()} says; there is no such folder: ufom data mini-imagenet --from FOLDER`,
    );
  }
  return loadMiniFolder(folder, options);
}

/** @throws Error one sentence if the folder has not the three parts */
export async function loadMiniFolder(folder: string, options: LoadOptions): Promise<ImageClasses> {
  for (const part of miniParts) {
    if (!(await isFolder(path.join(folder, part)))) {
      throw new Error(`ufom: ${folder} must hold the folders ${miniParts.join(", ")} with class folders in them; there is no ${part}.`);
    }
  }
  return loadClassFolders(folder, { ...options, size: options.size ?? side }, "mini-imagenet");
}

/**
 * Notes a folder as mini-imagenet's, when all of it has been read. Its pictures stay where they are.
 * @throws Error one sentence if the folder is not what it should be; nothing is noted then
 */
export async function noteMini(from: string, progress: (text: string) => void): Promise<void> {
  if (!(await isFolder(from)))
    throw new Error(`ufom: --from must name a folder for mini-imagenet; received ${JSON.stringify(from)}: ${howToGetMini}`);
  const own = path.join(dataFolder(), "mini-imagenet");
  if ((await isFolder(own)) && path.resolve(from) !== own) {
    throw new Error(`ufom: mini-imagenet must be in one place; it is in ${own} already: remove that, or move it away.`);
  }
  await loadMiniFolder(from, { progress });
  await mkdir(dataFolder(), { recursive: true });
  await replaceFile(miniNote(), `${JSON.stringify({ from: path.resolve(from) })}\n`);
  progress(`${miniNote()} says from now on that mini-imagenet is in ${path.resolve(from)}; its pictures are not copied.`);
}
