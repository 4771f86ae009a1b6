import { stat } from "node:fs/promises";
import path from "node:path";
import { about, ifAbsent } from "../file-errors.js";
import { decodedOnce, stamp } from "./decoded.js";
import { show, walkPictures, type PictureFolder } from "./folder-files.js";
import { decodePicture } from "./formats/decode.js";
import { inColour, type Picture } from "./formats/picture.js";
import { resize } from "./formats/resize.js";
import type { ImageClasses } from "./image-classes.js";
import type { LoadOptions } from "./load-options.js";
import { readBytes } from "./package-files.js";
import { mustFit, packedClasses, type PackedClass, type PackedSet } from "./packed-classes.js";

/** Names of outer folders that say how classes are divided, and not what they belong to. */
const partNames = new Set([
  "train",
  "val",
  "valid",
  "validation",
  "test",
  "background",
  "evaluation",
  "images_background",
  "images_evaluation",
]);

/** What a class is, by the folders that it lies in. */
interface Placed {
  readonly name: string;
  readonly group: string;
  readonly part?: string;
  readonly pictures: readonly string[];
}

/** Class folders, with folders of groups around them, and folders of parts around those. */
function placed(folders: readonly PictureFolder[]): Placed[] {
  const depth = folders[0].way.length;
  const inParts = depth === 3 || (depth === 2 && folders.every(({ way }) => partNames.has(way[0].toLowerCase())));
  return folders.map(({ way, pictures }) => {
    const rest = inParts ? way.slice(1) : way;
    const part = inParts ? { part: way[0].replace(/^images_/, "") } : {};
    return { name: rest.join("/"), group: rest[0], ...part, pictures };
  });
}

/** Pictures of one size, or made so. */
class Pictures {
  readonly #size: number | undefined;
  #first: { readonly file: string; readonly picture: Picture } | undefined;
  coloured = false;

  constructor(size: number | undefined) {
    this.#size = size;
  }

  /** Height and width of all of them. */
  get extent(): { readonly height: number; readonly width: number } {
    return this.#first!.picture;
  }

  /** @throws Error one sentence naming both files, if a picture has not the size of the first */
  async read(file: string): Promise<Picture> {
    const decoded = decodePicture(await readBytes(file), show(file));
    const picture = this.#size === undefined ? decoded : resize(decoded, this.#size, this.#size);
    this.coloured ||= picture.channels === 3;
    const { file: firstFile, picture: first } = (this.#first ??= { file, picture });
    if (picture.height !== first.height || picture.width !== first.width) {
      throw new Error(
        `ufom: images must be of one size where none is asked for, as --size 28 does; received ${show(firstFile)} of ${first.width} × ${first.height} and `
          + `${show(file)} of ${picture.width} × ${picture.height} pixels.`,
      );
    }
    return picture;
  }
}

async function decode(classes: readonly Placed[], size: number | undefined, progress: (text: string) => void): Promise<PackedSet> {
  const total = classes.reduce((sum, { pictures }) => sum + pictures.length, 0);
  if (size !== undefined) mustFit(total, 1, size);
  const pictures = new Pictures(size);
  const decoded: (readonly Picture[])[] = [];
  let [done, told] = [0, 0];
  for (const { pictures: files } of classes) {
    const ofClass: Picture[] = [];
    for (const file of files) {
      ofClass.push(await pictures.read(file));
      done++;
      // Only what takes long is told on the way.
      if (done - told >= Math.max(2000, total / 10)) progress(`decoded ${(told = done)} of ${total} pictures`);
    }
    decoded.push(ofClass);
  }
  const { height, width } = pictures.extent;
  const channels = pictures.coloured ? 3 : 1;
  const packed = classes.map(({ name, group, part }, c): PackedClass => {
    const images = new Uint8Array(decoded[c].length * channels * height * width);
    decoded[c].forEach((picture, i) => images.set((channels === 3 ? inColour(picture) : picture).data, i * channels * height * width));
    // Given back as they are packed: a large set does not lie in memory twice.
    decoded[c] = [];
    return { name, group, ...(part === undefined ? {} : { part }), images };
  });
  const parts = [...new Set(classes.flatMap(({ part }) => (part === undefined ? [] : [part])))];
  return { channels, height, width, ...(parts.length === 0 ? {} : { parts }), classes: packed };
}

/**
 * A folder of class folders with PNG or JPEG files. Folders around class folders are groups; around these, or where they are called train, val, test
 * or the like, they are parts. Images are in colour if one of them is.
 * @param folder its path
 * @param options a size, to which images are brought; without one they must all have the same
 * @param name as it is called in messages and results
 * @throws Error one sentence naming the file or folder that is not what it should be
 */
export async function loadClassFolders(
  folder: string,
  { size, progress = () => {} }: LoadOptions = {},
  name = folder,
): Promise<ImageClasses> {
  const root = path.resolve(folder);
  const found = await about(root, () => stat(root)).catch(ifAbsent);
  if (found?.isDirectory() !== true) {
    throw new Error(`ufom: ${show(root)} must be a folder of class folders; ${found === undefined ? "there is none" : "it is a file"}.`);
  }
  const { folders, others } = await walkPictures(root);
  if (others > 0) progress(`${show(root)}: ${others} ${others === 1 ? "file that is" : "files that are"} no PNG or JPEG left out`);
  const classes = placed(folders);
  const stamps: unknown[] = [];
  for (const { pictures } of classes) stamps.push(await Promise.all(pictures.map(stamp)));
  const madeFrom = [size ?? null, classes.map(({ name: own, part }) => [own, part ?? null]), stamps];
  const set = await decodedOnce(
    `folder-${path
      .basename(root)
      .replace(/[^\w-]/g, "_")
      .slice(0, 60)}`,
    madeFrom,
    progress,
    async () => decode(classes, size, progress),
  );
  return packedClasses(name, root, set);
}
