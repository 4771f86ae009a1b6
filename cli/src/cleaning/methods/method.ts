import type { Fits } from "../fits.js";

/** What a method says of rows. Scores of one method are compared with each other, and with nothing else. */
export interface Scored {
  /** How suspect the given label of each row is; higher is more. */
  readonly rows: Float64Array;
  /** The same of trusted rows with their true labels, by what has not seen them: how right rows look. */
  readonly trusted: Float64Array;
  /** A better order of the rows than `rows`, where that has to be one that the trusted rows have too. */
  readonly order?: Float64Array;
  /** The likeliest class of each row besides the given one. */
  readonly other: Int32Array;
  /** Where a published method has a cut of its own: what it calls wrong, and its rule in words. */
  readonly cut?: { readonly wrong: Uint8Array; readonly rule: string };
  /** The weight of each row, in [0, 1], where the method learns one. */
  readonly weights?: Float64Array;
  /** What was decided on the way, in a sentence. */
  readonly told?: string;
}

/** A way to find wrong labels. */
export interface Method<O = unknown> {
  readonly name: string;
  readonly summary: string;
  score(fits: Fits, options: O): Promise<Scored>;
}
