import { stream } from "ufom/internal/core/random/index";
import type { Digits, Mnist } from "../../datasets/mnist.js";
import { classes } from "../../datasets/mnist.js";
import { fail } from "ufom/internal/tensor/error";

/** How many images there are of each kind, and which share of the training labels is wrong. */
export interface Sizes {
  readonly train: number;
  readonly validation: number;
  /** Images of the test set that are used, from its first; all of them unless a test wants it fast. */
  readonly test: number;
  /** The share of wrong training labels, in [0, 1]. */
  readonly corruption: number;
}

/** Images in rows of grey values, 0 … 255, with the labels that a learner is given. */
export type Labelled = Digits;

/** What one seed draws. */
export interface CleaningData {
  readonly train: Labelled & {
    /** The labels before the corruption. */
    readonly trueLabels: Uint8Array;
    /** 1 where the given label is not the true one. */
    readonly corrupted: Uint8Array;
  };
  readonly validation: Labelled;
  readonly test: Labelled;
}

const pixels = 784;

/** The digits at some positions, in their order. */
function pick({ images, labels }: Digits, positions: Int32Array): Labelled {
  const picked = { n: positions.length, images: new Uint8Array(positions.length * pixels), labels: new Uint8Array(positions.length) };
  positions.forEach((from, to) => {
    picked.images.set(images.subarray(from * pixels, (from + 1) * pixels), to * pixels);
    picked.labels[to] = labels[from];
  });
  return picked;
}

/**
 * Draws the data of one seed: training and validation images from the 60,000, none of them twice; then exactly
 * ⌊corruption · train⌋ training labels, each replaced by one of the nine other classes with equal probability.
 *
 * @throws if there are not enough images
 */
export function drawData(mnist: Pick<Mnist, "train" | "test">, sizes: Sizes, seed: number): CleaningData {
  const { train, validation, test, corruption } = sizes;
  if (train + validation > mnist.train.n) {
    fail("hyper-cleaning", `draws train and validation from the ${mnist.train.n} training images of MNIST`, `${train} + ${validation}`);
  }
  if (test > mnist.test.n) fail("hyper-cleaning", `has ${mnist.test.n} test images`, `test = ${test}`);
  const order = stream(seed, "split").permutation(mnist.train.n);
  const clean = pick(mnist.train, order.subarray(0, train));
  const random = stream(seed, "corruption");
  const corrupted = new Uint8Array(train);
  const labels = clean.labels.slice();
  for (const i of random.permutation(train).subarray(0, Math.floor(corruption * train))) {
    corrupted[i] = 1;
    labels[i] = (labels[i] + 1 + random.integer(classes - 1)) % classes;
  }
  return {
    train: { ...clean, labels, trueLabels: clean.labels, corrupted },
    validation: pick(mnist.train, order.subarray(train, train + validation)),
    test: pick(
      mnist.test,
      Int32Array.from({ length: test }, (_, i) => i),
    ),
  };
}
