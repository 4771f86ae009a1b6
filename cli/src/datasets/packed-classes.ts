import type { ImageClass, ImageClasses } from "./image-classes.js";

/** A class whose images lie one after another. */
export interface PackedClass {
  readonly name: string;
  readonly group: string;
  /** Its part, where the set has parts. */
  readonly part?: string;
  /** count × channels × height × width bytes. */
  readonly images: Uint8Array;
}

/** Images of one size in classes, as plain data. */
export interface PackedSet {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly parts?: readonly string[];
  readonly classes: readonly PackedClass[];
}

/** @throws RangeError one sentence if an index is none */
function within(index: number, count: number, what: string): number {
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  throw new RangeError(`ufom: ${what} must be from 0 to ${count - 1}; received ${index}.`);
}

/** Packed images as what few-shot tasks are drawn from. */
export function packedClasses(name: string, origin: string, { channels, height, width, parts, classes }: PackedSet): ImageClasses {
  const bytes = channels * height * width;
  const made = classes.map(({ name: own, group, images }): ImageClass => {
    const count = images.length / bytes;
    return {
      name: own,
      group,
      count,
      image(index) {
        const at = within(index, count, `an image of ${own}`) * bytes;
        return images.subarray(at, at + bytes);
      },
    };
  });
  const at = (index: number) => within(index, made.length, `a class of ${name}`);
  return {
    name,
    origin,
    channels,
    height,
    width,
    count: made.length,
    at: index => made[at(index)],
    ...(parts === undefined ? {} : { parts, partOf: index => classes[at(index)].part! }),
  };
}
