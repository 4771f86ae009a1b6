import type { Judged, RegressionFits } from "../fits.js";

/** What a method says of values. */
export interface ValueScores {
  /** What its models predict, and what follows for p_wrong. */
  readonly judged: Judged;
  /** How suspect each row is, where that is not p_wrong; higher is more. */
  readonly score?: Float64Array;
  /** What the method calls wrong by a rule of its own. */
  readonly cut?: { readonly wrong: Uint8Array; readonly rule: string };
  /** The weight of each row in [0, 1], where the method learns one. */
  readonly weights?: Float64Array;
}

/** A way to find wrong numbers. */
export interface ValueMethod<O = unknown> {
  readonly name: string;
  readonly summary: string;
  score(fits: RegressionFits, options: O): Promise<ValueScores>;
}
