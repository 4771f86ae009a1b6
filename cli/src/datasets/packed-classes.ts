import { bytes as inUnits } from "../report/format.js";
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

/** The most that the images of a set may need in memory. */
const mostBytes = 2 ** 33;

/** @throws Error one sentence if so many images of that size need more memory than a set may have */
export function mustFit(images: number, channels: 1 | 3, size: number): void {
  const bytes = images * channels * size * size;
  if (bytes <= mostBytes) return;
  const need = `${images} images of ${size} × ${size} pixels need ${inUnits(bytes)}`;
  throw new Error(`ufom: images of a data set must fit in ${inUnits(mostBytes)}; ${need}: ask for a smaller size.`);
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
