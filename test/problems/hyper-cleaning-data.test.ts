import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { loadMnist } from "../../cli/src/datasets/mnist.js";
import type { Digits } from "../../cli/src/datasets/mnist.js";
import { drawData } from "../../cli/src/problems/hyper-cleaning/data.js";
import type { CleaningData, Labelled, Sizes } from "../../cli/src/problems/hyper-cleaning/data.js";

const pixels = 784;

/** Images that say which they are in their first two pixels; labels 0 … 9 in turn. */
function numbered(n: number): Digits {
  const images = new Uint8Array(n * pixels);
  for (let i = 0; i < n; i++) images.set([i & 255, i >> 8], i * pixels);
  return { n, images, labels: Uint8Array.from({ length: n }, (_, i) => i % 10) };
}
const mnist = { train: numbered(4000), test: numbered(50) };
const numbersOf = ({ n, images }: Labelled): number[] =>
  Array.from({ length: n }, (_, i) => images[i * pixels] + 256 * images[i * pixels + 1]);
/** Everything that was drawn, in few characters. */
function digest({ train, validation, test }: CleaningData): string {
  const hash = createHash("sha256");
  for (const part of [train, validation, test]) hash.update(part.images).update(part.labels);
  return hash.update(train.trueLabels).update(train.corrupted).digest("hex");
}

const sizes: Sizes = { train: 2000, validation: 1500, test: 40, corruption: 0.5 };

describe("the data that a seed draws", () => {
  const data = drawData(mnist, sizes, 7);

  test("training and validation images come from the 60,000, and none comes twice", () => {
    const [train, validation] = [numbersOf(data.train), numbersOf(data.validation)];
    expect([train.length, validation.length]).toEqual([2000, 1500]);
    expect(new Set([...train, ...validation]).size).toBe(3500);
    // Drawn, not taken in order: both reach over the whole set.
    for (const part of [train, validation]) expect([Math.min(...part) < 20, Math.max(...part) > 3980]).toEqual([true, true]);
    expect(numbersOf(data.test)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  test("every image keeps its label; those of validation and test are clean", () => {
    expect(Array.from(data.train.trueLabels)).toEqual(numbersOf(data.train).map(i => i % 10));
    for (const part of [data.validation, data.test]) expect(Array.from(part.labels)).toEqual(numbersOf(part).map(i => i % 10));
  });

  test.each([0.5, 0.25, 0, 0.9])("exactly a share of %d is wrong, each by another class", corruption => {
    const { train } = drawData(mnist, { ...sizes, train: 1999, corruption }, 3);
    expect(train.corrupted.reduce((n, bit) => n + bit, 0)).toBe(Math.floor(corruption * 1999));
    train.labels.forEach((label, i) => expect(label !== train.trueLabels[i]).toBe(train.corrupted[i] === 1));
    expect(Math.max(...train.labels)).toBeLessThan(10);
  });

  test("the nine other classes are equally likely", () => {
    const shifts = new Array<number>(10).fill(0);
    for (let seed = 1; seed <= 9; seed++) {
      const { labels, trueLabels } = drawData(mnist, sizes, seed).train;
      labels.forEach((label, i) => shifts[(label - trueLabels[i] + 10) % 10]++);
    }
    expect(shifts[0]).toBe(9000);
    // 9,000 draws over nine: 1,000 each, with a standard deviation of 30.
    for (const n of shifts.slice(1)) expect(Math.abs(n - 1000)).toBeLessThan(130);
  });

  test("the same seed draws the same, another seed another", () => {
    expect(digest(drawData(mnist, sizes, 7))).toBe(digest(data));
    expect(numbersOf(drawData(mnist, sizes, 8).train)).not.toEqual(numbersOf(data.train));
  });

  test("the images do not depend on how many labels are wrong", () => {
    const { images } = drawData(mnist, { ...sizes, corruption: 0.1 }, 7).train;
    expect(Buffer.compare(images, data.train.images)).toBe(0);
  });

  test("more images than there are get a sentence", () => {
    expect(() => drawData(mnist, { ...sizes, validation: 2001 }, 1)).toThrow(
      "ufom: hyper-cleaning draws train and validation from the 4000 training images of MNIST; received 2000 + 2001.",
    );
    expect(() => drawData(mnist, { ...sizes, test: 51 }, 1)).toThrow("ufom: hyper-cleaning has 50 test images; received test = 51.");
  });
});

test("the protocol's sizes on real MNIST", async () => {
  const data = drawData(await loadMnist(), { train: 5000, validation: 5000, test: 10_000, corruption: 0.5 }, 1);
  expect([data.train.n, data.validation.n, data.test.n]).toEqual([5000, 5000, 10_000]);
  expect(data.train.corrupted.reduce((n, bit) => n + bit, 0)).toBe(2500);
  // Every class about as often as in MNIST.
  for (const labels of [data.train.trueLabels, data.validation.labels]) {
    for (let c = 0; c < 10; c++) expect(Math.abs(labels.filter(label => label === c).length - 500)).toBeLessThan(130);
  }
});
