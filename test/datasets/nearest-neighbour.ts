import type { ImageClasses } from "../../cli/src/datasets/image-classes.js";
import { stream } from "../../src/core/random/index.js";

/** Squared distance between two images. */
export function distance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/** Share of images that are nearest, on their pixels, to the one image of their own class among the classes of a task. */
export function nearestNeighbour(data: ImageClasses, ways: number, tasks: number): number {
  let right = 0;
  for (let task = 0; task < tasks; task++) {
    const random = stream(1, "nearest neighbour", task);
    const chosen = new Set<number>();
    while (chosen.size < ways) chosen.add(random.integer(data.count));
    const pairs = Array.from(chosen, index => {
      const { count, image } = data.at(index);
      const first = random.integer(count);
      return [image(first), image((first + 1 + random.integer(count - 1)) % count)] as const;
    });
    for (const [own, [, query]] of pairs.entries()) {
      const distances = pairs.map(([support]) => distance(support, query));
      if (distances.indexOf(Math.min(...distances)) === own) right++;
    }
  }
  return right / (ways * tasks);
}
