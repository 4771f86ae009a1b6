import { stream } from "ufom/internal/core/random/index";

/** How many parts the rows are dealt into; fewer of many rows, as each part is a training. */
export const foldsFor = (n: number): number => (n <= 20_000 ? 5 : 3);

/**
 * Deals rows into k parts at random, class by class, so that every part has about the same share of each class.
 *
 * @returns the part of each row, 0 … k − 1
 */
export function dealFolds(labels: Int32Array, k: number, seed: number, purpose: string): Int32Array {
  const order = stream(seed, `cleaning ${purpose}`).permutation(labels.length),
    next = new Map<number, number>(),
    fold = new Int32Array(labels.length);
  let begun = 0;
  for (const i of order) {
    // A class begins where the one before ended: small classes do not all fill the first parts.
    const at = next.get(labels[i]) ?? begun++;
    fold[i] = at % k;
    next.set(labels[i], at + 1);
  }
  return fold;
}

/** The positions whose part is, or is not, f. */
export function positions(fold: Int32Array, is: (f: number) => boolean): Int32Array {
  const found = new Int32Array(fold.length);
  let n = 0;
  fold.forEach((f, i) => is(f) && (found[n++] = i));
  return found.subarray(0, n);
}
