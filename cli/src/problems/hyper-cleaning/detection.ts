/** How well wrong labels were found; fractions of one. */
export interface Detection {
  /** Of the labels called wrong, the share that is. */
  readonly precision: number;
  /** Of the wrong labels, the share that was called so. */
  readonly recall: number;
  /** Their harmonic mean. */
  readonly f1: number;
}

/**
 * Compares the labels called wrong, those whose weight is below ½ (whose logit is negative), with those that are. A fraction of
 * nothing is 0.
 */
export function detection(logits: ArrayLike<number>, corrupted: ArrayLike<number>): Detection {
  let [called, wrong, both] = [0, 0, 0];
  for (let i = 0; i < logits.length; i++) {
    const below = logits[i] < 0;
    if (below) called++;
    if (corrupted[i]) wrong++;
    if (below && corrupted[i]) both++;
  }
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return { precision: share(both, called), recall: share(both, wrong), f1: share(2 * both, called + wrong) };
}

/** σ(x) of each logit. */
export const weightsOf = (logits: ArrayLike<number>): Float64Array => Float64Array.from(logits, x => 1 / (1 + Math.exp(-x)));
