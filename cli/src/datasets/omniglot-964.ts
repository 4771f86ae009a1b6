import { alphabets964 } from "./alphabets.js";
import { decodedOnce, stamp } from "./decoded.js";
import { absent, findFile } from "./find-files.js";
import { readUnpacked } from "./formats/gzip.js";
import { parseLabels16 } from "./formats/labels16.js";
import { turnedRound } from "./formats/picture.js";
import { resize } from "./formats/resize.js";
import { parseIdx } from "./idx.js";
import type { ImageClasses } from "./image-classes.js";
import type { LoadOptions } from "./load-options.js";
import { mustFit, packedClasses, type PackedClass, type PackedSet } from "./packed-classes.js";

export const files964 = { images: "omniglot964-images-idx3-ubyte.gz", labels: "omniglot964-labels-u16.gz" } as const;

interface Files {
  readonly images: string;
  readonly labels: string;
}

/** The two files; nothing if one of them is not there. */
export async function find964(): Promise<Files | undefined> {
  const [images, labels] = await Promise.all(Object.values(files964).map(name => findFile("omniglot", name)));
  return images === undefined || labels === undefined ? undefined : { images, labels };
}

const two = (n: number): string => String(n).padStart(2, "0");

/** Name and alphabet of each of the 964 characters, in the file's order. */
const characters = alphabets964.flatMap(([alphabet, n]) =>
  Array.from({ length: n }, (_, i) => ({ name: `${alphabet}/character${two(i + 1)}`, group: alphabet })),
);

async function decode({ images: imageFile, labels: labelFile }: Files, size: number): Promise<PackedSet> {
  const { shape, data } = parseIdx(await readUnpacked(imageFile), imageFile, 3);
  const labels = parseLabels16(await readUnpacked(labelFile), labelFile);
  const [n, height, width] = shape;
  if (labels.length !== n) throw new Error(`ufom: ${labelFile} must hold ${n} labels, one for each image; received ${labels.length}.`);
  const drawings = characters.map((): number[] => []);
  labels.forEach((label, i) => {
    if (label >= characters.length) {
      throw new Error(`ufom: ${labelFile} must hold classes from 0 to ${characters.length - 1}; received ${label} at position ${i}.`);
    }
    drawings[label].push(i);
  });
  mustFit(n, 1, size);
  const classes = characters.map(({ name, group }, c): PackedClass => {
    if (drawings[c].length === 0) {
      throw new Error(`ufom: ${labelFile} must hold drawings of all ${characters.length} characters; received none of character ${c}.`);
    }
    const images = new Uint8Array(drawings[c].length * size * size);
    drawings[c].forEach((at, i) => {
      const dark = turnedRound(data.subarray(at * height * width, (at + 1) * height * width));
      images.set(resize({ channels: 1, height, width, data: dark }, size, size).data, i * size * size);
    });
    return { name, group, part: "background", images };
  });
  return { channels: 1, height: size, width: size, parts: ["background"], classes };
}

/** @param name as it was asked for: `omniglot`, `omniglot-964` */
export async function loadFound964(name: string, files: Files, { size = 28, progress = () => {} }: LoadOptions): Promise<ImageClasses> {
  const madeFrom = [size, await stamp(files.images), await stamp(files.labels)];
  const set = await decodedOnce("omniglot-964", madeFrom, progress, () => decode(files, size));
  return packedClasses(name, `964 background characters, ${files.images}`, set);
}

/**
 * The 964 background characters from an IDX file of drawings and its labels. Names of alphabets are not in the files; they are added.
 * @throws Error one sentence if the files are not there, or not what they should be
 */
export async function loadOmniglot964(options: LoadOptions = {}): Promise<ImageClasses> {
  const files = await find964();
  if (files !== undefined) return loadFound964("omniglot-964", files, options);
  throw absent("omniglot", Object.values(files964), "ufom data omniglot-964 --from FOLDER");
}
