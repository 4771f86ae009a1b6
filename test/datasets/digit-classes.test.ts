import { mkdir, mkdtemp, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { loadImageClasses } from "../../cli/src/datasets/load.js";
import { loadMnist, mnistFolder } from "../../cli/src/datasets/mnist.js";
import { dataIn } from "../support/shared-data.js";

let data: string;
beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), "ufom-data-"));
  dataIn(data);
});

/** The four files, packed: labels in turn, and images in which only one pixel is not 0. */
async function writeFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [part, n] of [
    ["train", 60_000],
    ["t10k", 10_000],
  ] as const) {
    const images = Buffer.alloc(16 + n * 784);
    images.set([0, 0, 8, 3]);
    [n, 28, 28].forEach((extent, axis) => images.writeUInt32BE(extent, 4 + 4 * axis));
    const labels = Buffer.alloc(8 + n);
    labels.set([0, 0, 8, 1]);
    labels.writeUInt32BE(n, 4);
    for (let i = 0; i < n; i++) labels[8 + i] = i % 10;
    // The third image of training, and the first of the test part.
    images[16 + (part === "train" ? 2 * 784 : 0) + 30] = 200;
    await writeFile(path.join(folder, `${part}-images-idx3-ubyte.gz`), gzipSync(images, { level: 1 }));
    await writeFile(path.join(folder, `${part}-labels-idx1-ubyte.gz`), gzipSync(labels));
  }
}

describe("digits and clothes as classes", () => {
  it("are MNIST's from its package, dark on light, training before test", async () => {
    const [images, digits] = [await loadImageClasses("mnist"), await loadMnist()];
    expect([images.channels, images.height, images.count, images.parts, images.origin]).toEqual([1, 28, 10, undefined, mnistFolder()]);
    const classes = Array.from({ length: 10 }, (_, i) => images.at(i));
    // 5923 + 980, 6742 + 1135, …
    expect(classes.map(({ count }) => count)).toEqual([6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958]);
    // The first digit of training is a 5; the first of the test part a 7, of which training has 6265.
    expect(Array.from(classes[5].image(0))).toEqual(Array.from(digits.train.images.subarray(0, 784), ink => 255 - ink));
    expect(Array.from(classes[7].image(6265))).toEqual(Array.from(digits.test.images.subarray(0, 784), ink => 255 - ink));
  });

  it("are Fashion-MNIST's from its four packed files", async () => {
    await expect(loadImageClasses("fashion-mnist")).rejects.toThrow(
      /^ufom: fashion-mnist needs .* where they are not; get them with: ufom data fashion-mnist$/,
    );
    await writeFiles(path.join(data, "fashion-mnist"));
    const images = await loadImageClasses("fashion-mnist");
    expect([images.at(0).name, images.at(9).name, images.at(9).group, images.at(2).count]).toEqual([
      "T-shirt/top",
      "Ankle boot",
      "Ankle boot",
      7000,
    ]);
    expect([images.at(2).image(0)[30], images.at(2).image(1)[30], images.at(0).image(6000)[30]]).toEqual([55, 255, 55]);
    const file = path.join(data, "fashion-mnist/t10k-images-idx3-ubyte.gz");
    await truncate(file, 500);
    await expect(loadImageClasses("fashion-mnist")).rejects.toThrow(
      `ufom: ${file} must be a whole gzip file; received one that is damaged or cut off`,
    );
  });
});
