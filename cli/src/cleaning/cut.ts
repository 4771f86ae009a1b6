/** Rows less likely to be wrong than this are never suspects, however few suspects there are. */
const least = 0.25;

/** A cut as people are told of it. */
export const cutInWords = (cut: number): string =>
  cut <= 1
    ? `p_wrong is at least ${cut.toFixed(3)}, where what is found and what is falsely accused balance best (the expected F1 is largest)`
    : "no row has a p_wrong of ¼ or more";

/**
 * The cut for suspects: the p at which, if the probabilities hold, the expected F1 of the rows at or above it is largest,
 *
 *     F(t) = 2 Σ_{p ≥ t} p / (#{p ≥ t} + Σ p),
 *
 * but at least ¼; ∞ where no row is as likely as that to be wrong. The best t is half of the F1 that is reached (Lipton, Elkan, Naryanaswamy, ECML 2014): ½ where all can be found, lower where it cannot.
 */
export function bestCut(pWrong: Float64Array): number {
  const sorted = Float64Array.from(pWrong).sort().reverse(),
    total = sorted.reduce((a, b) => a + b, 0);
  let [mass, best, cut] = [0, -1, Infinity];
  for (let k = 0; k < sorted.length; k++) {
    if (sorted[k] < least) break;
    mass += sorted[k];
    // Equal ones fall on one side of a cut.
    if (sorted[k + 1] === sorted[k]) continue;
    const f = (2 * mass) / (k + 1 + total);
    if (f > best) [best, cut] = [f, sorted[k]];
  }
  return cut;
}
