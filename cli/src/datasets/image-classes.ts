/** A class of images: a character, a kind of thing. */
export interface ImageClass {
  /** As people call it: `Greek/character03`. */
  readonly name: string;
  /** What it belongs to: its alphabet, or superclass; its own name where there is none. */
  readonly group: string;
  /** Number of images. */
  readonly count: number;
  /**
   * The bytes of an image, channels × height × width, row by row; 0 is black and 255 white, so that ink on paper is dark.
   * The same number gives the same bytes at every call; the array must not be written to.
   * @param index from 0 to count − 1
   */
  image(index: number): Uint8Array;
}

/** Images of one size in classes: what few-shot tasks are drawn from. */
export interface ImageClasses {
  /** As on the command line: `omniglot`. */
  readonly name: string;
  /** Where they come from, in a line: a folder, an archive, a seed. */
  readonly origin: string;
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  /** Number of classes. A family that is drawn on demand has very many, so nobody should walk through them all. */
  readonly count: number;
  /** @param index from 0 to count − 1; the same number gives the same class */
  at(index: number): ImageClass;
  /** How classes were divided by those who published them, where they did: the names of parts, and each class's part. */
  readonly parts?: readonly string[];
  partOf?(index: number): string;
}
