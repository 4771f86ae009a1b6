import type { ImageClass, ImageClasses } from "../image-classes.js";

/** Quarter turns of an image, counter-clockwise. */
export type Turns = 0 | 1 | 2 | 3;

/** A class of another collection, and how its images are turned. */
export interface Chosen {
  readonly index: number;
  readonly turns: Turns;
}

/** Bytes of a square image turned counter-clockwise: row y, column x of the result is row x, column side − 1 − y of the image at one turn. */
export function rotated(image: Uint8Array, channels: number, side: number, turns: Turns): Uint8Array {
  if (turns === 0) return image;
  const last = side - 1;
  const result = new Uint8Array(image.length);
  for (let channel = 0; channel < channels; channel++) {
    const base = channel * side * side;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const from = turns === 1 ? x * side + last - y : turns === 2 ? (last - y) * side + last - x : (last - x) * side + y;
        result[base + y * side + x] = image[base + from];
      }
    }
  }
  return result;
}

const turnedClass = (original: ImageClass, turns: Turns, channels: number, side: number): ImageClass =>
  turns === 0
    ? original
    : {
        name: `${original.name} turned by ${90 * turns}°`,
        group: original.group,
        count: original.count,
        image: index => rotated(original.image(index), channels, side, turns),
      };

/** Some classes of a collection as a collection: `count` of them, the one at each place as `chosen` tells. */
export function subset(data: ImageClasses, part: string, count: number, chosen: (index: number) => Chosen): ImageClasses {
  const { name, origin, channels, height, width } = data;
  return {
    name,
    origin: `${origin} (${part})`,
    channels,
    height,
    width,
    count,
    at(place) {
      if (!Number.isSafeInteger(place) || place < 0 || place >= count) {
        throw new Error(`ufom: ${name} (${part}): a class must be a whole number from 0 to ${count - 1}; received ${place}.`);
      }
      const { index, turns } = chosen(place);
      return turnedClass(data.at(index), turns, channels, height);
    },
  };
}
