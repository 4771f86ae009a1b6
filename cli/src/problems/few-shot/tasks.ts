import type { HostArray, Random } from "ufom";
import { fail } from "ufom/internal/tensor/error";
import type { ImageClass, ImageClasses } from "../../datasets/image-classes.js";

/** What a task is made of. */
export interface Sizes {
  /** Classes. */
  readonly ways: number;
  /** Images a class to learn from. */
  readonly shots: number;
  /** Images a class to be judged by. */
  readonly queries: number;
  /** Minibatches: how many images each has, 0 for all of them at every step, and for how many steps they are drawn. */
  readonly batch: number;
  readonly steps: number;
}

/** Images with their classes, 0 … ways − 1: x [n, channels, height, width], y int32 [n]. */
export interface Examples<T = HostArray> {
  readonly x: T;
  readonly y: T;
}

/** A few-shot task. */
export interface Task<T = HostArray> {
  readonly support: Examples<T>;
  readonly query: Examples<T>;
  /** Which images of the support each step takes, int32 [steps, batch]; absent where it takes all. */
  readonly order?: T;
}

const greys = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Some of the numbers 0 … n − 1, none twice, in random order; takes as long as they are many, not as n is large. */
export function someOf(random: Random, n: number, some: number): number[] {
  // A shuffle that writes down only what it moved.
  const moved = new Map<number, number>(),
    at = (i: number) => moved.get(i) ?? i;
  return Array.from({ length: some }, (_, i) => {
    const j = i + random.integer(n - i),
      taken = at(j);
    moved.set(j, at(i));
    return taken;
  });
}

/** Refuses classes of which no task can be drawn. @throws a sentence that names the class */
export function checkDrawings({ name, count }: ImageClass, { shots, queries }: Pick<Sizes, "shots" | "queries">, of: string): void {
  if (count < shots + queries)
    fail(
      "few-shot",
      `needs ${shots + queries} images of every class of ${of}, ${shots} to learn from and ${queries} to be judged by`,
      `${name} with ${count}`,
    );
}

/** @throws if there are fewer classes than a task has */
export function checkWays({ name, count }: ImageClasses, { ways }: Pick<Sizes, "ways">, part: string): void {
  if (count < ways) fail("few-shot", `needs at least ${ways} ${part} classes of ${name}, as many as ways`, `${count}`);
}

/** Images as rows of numbers in [0, 1]: 0 is black and 1 is white. */
function examples(classes: ImageClasses, chosen: readonly ImageClass[], images: readonly (readonly number[])[]): Examples {
  const { channels, height, width } = classes,
    size = channels * height * width,
    each = images[0].length,
    n = chosen.length * each,
    x = new Float32Array(n * size),
    y = new Int32Array(n);
  chosen.forEach((one, way) =>
    images[way].forEach((image, k) => {
      const row = way * each + k,
        bytes = one.image(image);
      for (let i = 0, to = row * size; i < size; i++, to++) x[to] = greys[bytes[i]];
      y[row] = way;
    }),
  );
  return { x: { shape: [n, channels, height, width], dtype: "float32", data: x }, y: { shape: [n], dtype: "int32", data: y } };
}

/** Minibatches of n images: one random order behind another, cut into pieces, so that every image comes as often as any other. */
function minibatches(random: Random, n: number, { batch, steps }: Sizes): HostArray {
  const order = new Int32Array(steps * batch);
  for (let at = 0; at < order.length; at += n) order.set(random.permutation(n).subarray(0, order.length - at), at);
  return { shape: [steps, batch], dtype: "int32", data: order };
}

/**
 * Draws a task: `ways` of the classes, and of each `shots` images to learn from and `queries` others, none twice.
 * @throws if there are too few
 */
export function drawTask(random: Random, classes: ImageClasses, sizes: Sizes): Task {
  const { ways, shots, queries, batch } = sizes;
  checkWays(classes, sizes, "different");
  const chosen = someOf(random, classes.count, ways).map(i => classes.at(i)),
    images = chosen.map(one => {
      checkDrawings(one, sizes, classes.name);
      return someOf(random, one.count, shots + queries);
    });
  const part = (first: number, end: number) =>
      examples(
        classes,
        chosen,
        images.map(list => list.slice(first, end)),
      ),
    task = { support: part(0, shots), query: part(shots, shots + queries) };
  return batch === 0 ? task : { ...task, order: minibatches(random, ways * shots, sizes) };
}
