import { fail } from "ufom/internal/tensor/error";
import { stream } from "ufom/internal/core/random/index";
import type { ImageClasses } from "../image-classes.js";
import { drawnClasses, type DrawingOptions } from "../strokes/drawn-classes.js";
import type { Noise } from "../strokes/hand.js";
import { Recent } from "../strokes/recent.js";
import { alphabetOf, characterOf, type Alphabet } from "./character.js";
import { write, type MotorProgram } from "./program.js";

export interface GlyphOptions extends DrawingOptions {
  /** Number of characters. Default 2³¹ − 1, which nobody will come to the end of. */
  readonly characters?: number;
}

/** Characters of an alphabet: about as many as scripts have. */
export const perAlphabet = 32;
/** Default number of characters. */
export const allCharacters = 2 ** 31 - 1;
/** Alphabets that are kept; each is made in a fraction of a millisecond. */
const keptAlphabets = 256;

/**
 * An endless family of characters that need no download and no licence: each is a motor program drawn by chance, strokes of lines, bows, loops,
 * corners and hooks that are joined to earlier ones; each drawing is that program performed by a loose hand. Thirty-two characters in a row are
 * an alphabet and share gestures and habits; `alphabet 7.12` is the twelfth of seed 7.
 *
 * The idea that characters are programs of strokes, sub-strokes and relations, of which drawings are noisy performances, is that of B. M. Lake,
 * R. Salakhutdinov and J. B. Tenenbaum, Human-level concept learning through probabilistic program induction, Science 350, 2015. Theirs is fitted
 * to drawings; this one is made up.
 *
 * @throws one sentence if an option is not what it must be
 */
export function glyphs({ characters = allCharacters, ...options }: GlyphOptions = {}): Promise<ImageClasses> {
  const { seed = 1 } = options;
  if (!Number.isSafeInteger(characters) || characters < 1 || characters > allCharacters) {
    fail("glyphs: characters", `must be a whole number from 1 to ${allCharacters}`, `${characters}`);
  }
  const alphabets = new Recent<Alphabet>(keptAlphabets);
  const family = {
    name: "glyphs",
    origin: `drawn from seed ${seed}`,
    count: characters,
    id: (index: number) => index,
    character(index: number) {
      const number = Math.floor(index / perAlphabet);
      const group = `alphabet ${seed}.${number + 1}`;
      const name = `${group}/character${String((index % perAlphabet) + 1).padStart(2, "0")}`;
      let program: MotorProgram | undefined;
      // Who asks for a name does not wait for a program.
      const strokes = (noise: Noise) => {
        const alphabet = alphabets.get(number, () => alphabetOf(stream(seed, "glyphs alphabet", number)));
        return write((program ??= characterOf(stream(seed, "glyphs character", index), alphabet)), noise);
      };
      return { name, group, strokes };
    },
  };
  return Promise.resolve(drawnClasses(family, options));
}
