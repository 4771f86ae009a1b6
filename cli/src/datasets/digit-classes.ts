import path from "node:path";
import { absent } from "./find-files.js";
import { turnedRound } from "./formats/picture.js";
import { resize } from "./formats/resize.js";
import type { ImageClasses } from "./image-classes.js";
import type { LoadOptions } from "./load-options.js";
import { findMnist, hasIdxFiles, imageSize, loadIdxParts, mnistFiles, type Digits, type Mnist } from "./mnist.js";
import { mustFit, packedClasses, type PackedSet } from "./packed-classes.js";
import { dataFolder } from "./places.js";

const digits = Array.from({ length: 10 }, (_, i) => String(i));
const clothes = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/** Images of the training part before those of the test part, dark on light. */
function packed({ train, test }: Mnist, names: readonly string[], size: number): PackedSet {
  mustFit(train.n + test.n, 1, size);
  const pixels = imageSize * imageSize;
  const places = names.map((): { readonly part: Digits; readonly at: number }[] => []);
  for (const part of [train, test]) part.labels.forEach((label, i) => places[label].push({ part, at: i * pixels }));
  const classes = names.map((name, c) => {
    const images = new Uint8Array(places[c].length * size * size);
    places[c].forEach(({ part, at }, i) => {
      const data = turnedRound(part.images.subarray(at, at + pixels));
      images.set(resize({ channels: 1, height: imageSize, width: imageSize, data }, size, size).data, i * size * size);
    });
    return { name, group: name, images };
  });
  return { channels: 1, height: size, width: size, classes };
}

/** MNIST's digits as classes. @throws Error one sentence if it is not there, or a file is not what it should be */
export async function loadMnistClasses({ size = imageSize }: LoadOptions = {}): Promise<ImageClasses> {
  const folder = await findMnist();
  return packedClasses("mnist", folder, packed(await loadIdxParts(folder), digits, size));
}

/** The folder of Fashion-MNIST. @throws Error one sentence if it is not there */
export async function fashionFolder(): Promise<string> {
  const folder = path.join(dataFolder(), "fashion-mnist");
  if (await hasIdxFiles(folder)) return folder;
  const files = Object.values(mnistFiles).flatMap(({ images, labels }) => [images, labels]);
  throw absent(
    "fashion-mnist",
    files.map(name => `${name}.gz`),
    "ufom data fashion-mnist",
  );
}

/**
 * Fashion-MNIST's kinds of clothes as classes.
 * @throws Error one sentence if it is not there, or a file is not what it should be
 * @see Xiao, Rasul, Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms, 2017
 */
export async function loadFashionMnistClasses({ size = imageSize }: LoadOptions = {}): Promise<ImageClasses> {
  const folder = await fashionFolder();
  return packedClasses("fashion-mnist", folder, packed(await loadIdxParts(folder), clothes, size));
}
