import { absent, findFile } from "./find-files.js";
import { decodedOnce, stamp } from "./decoded.js";
import { decodePicture } from "./formats/decode.js";
import { resize } from "./formats/resize.js";
import { readZip, type ArchivedFile } from "./formats/zip.js";
import type { ImageClasses } from "./image-classes.js";
import type { LoadOptions } from "./load-options.js";
import { find964, loadFound964 } from "./omniglot-964.js";
import { mustFit, packedClasses, type PackedClass, type PackedSet } from "./packed-classes.js";

/** Height and width that few-shot learning has used since the data set was published. */
export const usualSize = 28;

/** The published archives, and which part of the data set each is. */
interface Archive {
  readonly name: string;
  readonly part: string;
}
const official: readonly Archive[] = [
  { name: "images_background.zip", part: "background" },
  { name: "images_evaluation.zip", part: "evaluation" },
];
const small: readonly Archive[] = [
  { name: "images_background_small1.zip", part: "background" },
  { name: "images_background_small2.zip", part: "background" },
];

/** A drawing's way in an archive: ARCHIVE/ALPHABET/characterNN/NNNN_MM.png. */
const way = /^[^/]+\/([^/]+)\/([^/]+)\/([^/]+)$/;

interface Character {
  readonly alphabet: string;
  readonly part: string;
  readonly drawings: Map<string, ArchivedFile>;
}

const inOrder = <V>(map: ReadonlyMap<string, V>): [string, V][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

/** The characters of an archive are added to those before; one that stands in two archives is one character, and so is each of its drawings. */
async function addArchive(file: string, part: string, characters: Map<string, Character>): Promise<void> {
  let drawings = 0;
  for (const drawing of await readZip(file)) {
    // What macOS adds to archives.
    if (!drawing.name.toLowerCase().endsWith(".png") || drawing.name.startsWith("__MACOSX/")) continue;
    const [, alphabet, character, name] = way.exec(drawing.name) ?? [];
    if (alphabet === undefined) {
      throw new Error(`ufom: ${file} must hold drawings as ARCHIVE/ALPHABET/characterNN/NAME.png; received ${drawing.name}.`);
    }
    const key = `${alphabet}/${character}`;
    const known = characters.get(key) ?? { alphabet, part, drawings: new Map<string, ArchivedFile>() };
    if (!known.drawings.has(name)) known.drawings.set(name, drawing);
    characters.set(key, known);
    drawings++;
  }
  if (drawings === 0) throw new Error(`ufom: ${file} must hold the drawings of Omniglot; it is a zip archive with no PNG in it.`);
}

/** Decodes all drawings of archives. */
async function decode(files: readonly { readonly file: string; readonly part: string }[], size: number): Promise<PackedSet> {
  const characters = new Map<string, Character>();
  for (const { file, part } of files) await addArchive(file, part, characters);
  mustFit(
    [...characters.values()].reduce((sum, { drawings }) => sum + drawings.size, 0),
    1,
    size,
  );
  const classes = inOrder(characters).map(([name, { alphabet, part, drawings }]): PackedClass => {
    const images = new Uint8Array(drawings.size * size * size);
    inOrder(drawings).forEach(([, drawing], i) => {
      const picture = decodePicture(drawing.bytes(), drawing.name);
      if (picture.channels !== 1) throw new Error(`ufom: ${drawing.name} must be black on white; received a picture in colour.`);
      images.set(resize(picture, size, size).data, i * size * size);
    });
    return { name, group: alphabet, part, images };
  });
  return { channels: 1, height: size, width: size, parts: [...new Set(files.map(({ part }) => part))], classes };
}

async function find(archives: readonly Archive[]): Promise<{ readonly file: string; readonly part: string }[]> {
  const found = await Promise.all(archives.map(async ({ name, part }) => ({ file: await findFile("omniglot", name), part })));
  return found.filter((one): one is { file: string; part: string } => one.file !== undefined);
}

async function load(name: string, files: Awaited<ReturnType<typeof find>>, options: LoadOptions): Promise<ImageClasses> {
  const { size = usualSize, progress = () => {} } = options;
  const madeFrom = [size, await Promise.all(files.map(async ({ file, part }) => [part, ...(await stamp(file))]))];
  const set = await decodedOnce(name, madeFrom, progress, async () => {
    progress(`decoding ${files.map(({ file }) => file).join(" and ")} (once: the images are kept for the next start)`);
    return decode(files, size);
  });
  return packedClasses(name, files.map(({ file }) => file).join(", "), set);
}

/**
 * Omniglot: the published archives where they are, else the file of 964 characters, else the two small sets. Which it is, is told, and stands in
 * the origin.
 * @throws Error one sentence if none of them is there, or one is not what it should be
 * @see Lake, Salakhutdinov, Tenenbaum, Human-level concept learning through probabilistic program induction, Science 2015
 */
export async function loadOmniglot(options: LoadOptions = {}): Promise<ImageClasses> {
  const { progress = () => {} } = options;
  const [both, idx, few] = [await find(official), await find964(), await find(small)];
  const name = "omniglot";
  if (both.length > 0) {
    if (both.length < official.length) {
      const missing = official.find(({ part }) => part !== both[0].part)!;
      progress(`omniglot: ${missing.name} is not there, so that only the ${both[0].part} set is used (ufom data omniglot gets the other)`);
    }
    return load(name, both, options);
  }
  const instead = "omniglot: the two published archives are not there (ufom data omniglot gets them)";
  if (idx !== undefined) {
    progress(`${instead}; the 964 background characters are: ${idx.images}`);
    return loadFound964(name, idx, options);
  }
  if (few.length > 0) {
    progress(`${instead}; the small background sets are: ${few.map(({ file }) => file).join(" and ")}`);
    return load(name, few, options);
  }
  throw absent(
    name,
    official.map(one => one.name),
    "ufom data omniglot",
  );
}

/** The two small background sets alone. @throws Error one sentence if they are not there, or not what they should be */
export async function loadOmniglotSmall(options: LoadOptions = {}): Promise<ImageClasses> {
  const files = await find(small);
  if (files.length < small.length) {
    throw absent(
      "omniglot",
      small.map(one => one.name),
      "ufom data omniglot-small",
    );
  }
  return load("omniglot-small", files, options);
}
