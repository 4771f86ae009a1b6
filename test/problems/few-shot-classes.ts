import { stream } from "../../src/core/random/index.js";
import type { ImageClass, ImageClasses } from "../../cli/src/datasets/image-classes.js";
import type { Split } from "../../cli/src/datasets/splits.js";
import { fewShotOptions, type FewShotOptions } from "../../cli/src/problems/few-shot/options.js";

/** Images in memory: each class a random pattern, each image of it with some pixels turned. */
export function patterns(count: number, { side = 8, channels = 1, images = 6, noise = 0.1, seed = 1, first = 0 } = {}): ImageClasses {
  const size = channels * side * side,
    classes = Array.from({ length: count }, (_, c): ImageClass => {
      const random = stream(seed, "class", c + first),
        pattern = Uint8Array.from({ length: size }, () => 255 * random.integer(2)),
        made = Array.from({ length: images }, () => pattern.map(byte => (random.next() < noise ? 255 - byte : byte)));
      return {
        name: `group${Math.floor(c / 5)}/class${c + first}`,
        group: `group${Math.floor(c / 5)}`,
        count: images,
        image: i => made[i],
      };
    });
  return {
    name: "patterns",
    origin: "made for a test",
    channels: channels === 3 ? 3 : 1,
    height: side,
    width: side,
    count,
    at: i => classes[i],
  };
}

/** Classes for training and others for testing. */
export const splitOf = (train: ImageClasses, test: ImageClasses): Split => ({
  name: "authors",
  train,
  test,
  description: "classes made for a test",
  hash: "0123456789abcdef",
});

/** The options with some of them changed. */
export function optionsWith(changed: Partial<FewShotOptions> = {}): FewShotOptions {
  const defaults = Object.fromEntries(Object.entries(fewShotOptions).map(([name, spec]) => [name, spec.default]));
  return { ...defaults, ...changed } as unknown as FewShotOptions;
}
