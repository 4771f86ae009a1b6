import { fail } from "ufom/internal/tensor/error";
import { stream } from "ufom/internal/core/random/index";
import type { ImageClass, ImageClasses } from "../image-classes.js";
import { draw } from "../pen.js";
import { askew, noiseOf, onPaper, penned, type Noise, type Points } from "./hand.js";
import { Recent } from "./recent.js";

/** Options of every family of characters that is drawn here. */
export interface DrawingOptions {
  /** Seed of all that is drawn by chance. Default 1. */
  readonly seed?: number;
  /** Height and width in pixels. Default 28. */
  readonly size?: number;
  /** Drawings of each character. Default 1,000; they are made when they are asked for. */
  readonly drawings?: number;
}

/** A character that can be drawn: its names, and its strokes as a hand with such noise makes them. */
export interface Character {
  readonly name: string;
  readonly group: string;
  strokes(noise: Noise): readonly Points[];
}

export interface Family {
  readonly name: string;
  readonly origin: string;
  readonly count: number;
  /** What the stream of a character's drawings is named by, so that other characters of the family can come and go. */
  id(index: number): number;
  character(index: number): Character;
}

/** Bytes of images that are kept. */
const keptBytes = 16_000_000;
const keptCharacters = 4096;

/** Smallest and largest images: with fewer pixels strokes run together, more are a mistake. */
const sizes = { least: 8, most: 512 } as const;

const wholeFrom = (who: string, least: number, most: number, value: number): void => {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    fail(who, `must be a whole number from ${least} to ${most}`, `${value}`);
};

/**
 * Images of a family's characters, drawn when they are asked for: strokes of a loose hand, a sheet that lies askew, a round pen. What was drawn
 * last is kept.
 * @throws one sentence if an option is not what it must be
 */
export function drawnClasses(family: Family, { seed = 1, size = 28, drawings = 1000 }: DrawingOptions): ImageClasses {
  const { name, origin, count } = family;
  wholeFrom(`${name}: seed`, 0, Number.MAX_SAFE_INTEGER, seed);
  wholeFrom(`${name}: size`, sizes.least, sizes.most, size);
  wholeFrom(`${name}: drawings`, 1, 100_000, drawings);
  const images = new Recent<Uint8Array>(Math.ceil(keptBytes / (size * size)));
  const classes = new Recent<ImageClass>(keptCharacters);

  const makeClass = (index: number): ImageClass => {
    const character = family.character(index);
    const drawn = (image: number): Uint8Array => {
      const noise = noiseOf(stream(seed, `${name} drawing`, family.id(index), image));
      return draw(penned(onPaper(askew(character.strokes(noise), noise)), noise), size);
    };
    return {
      name: character.name,
      group: character.group,
      count: drawings,
      image(image) {
        wholeFrom(`${name}: an image of ${character.name}`, 0, drawings - 1, image);
        return images.get(index * drawings + image, () => drawn(image));
      },
    };
  };
  return {
    name,
    origin,
    channels: 1,
    height: size,
    width: size,
    count,
    at(index) {
      wholeFrom(`${name}: a class`, 0, count - 1, index);
      return classes.get(index, () => makeClass(index));
    },
  };
}
