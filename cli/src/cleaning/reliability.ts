import type { HeldOut } from "./combine.js";

/** Rows whose p_wrong lies in [low, high): how many there are, their mean p_wrong, and the share of them that is wrong. */
export interface CheckedBin {
  readonly low: number;
  readonly high: number;
  readonly rows: number;
  readonly mean: number;
  /** In [0, 1], with its interval of 95 %. */
  readonly share: number;
  readonly shareLow: number;
  readonly shareHigh: number;
}

/** A bin with fewer rows than this says nothing, and neither does one whose interval is as wide as that to either side. */
const [fewest, vaguest] = [5, 0.5];

/**
 * A reliability diagram where nobody knows which rows are wrong: the right ones among n rows with about some p_wrong are known, since trusted rows stand for
 * them,
 *
 *     share wrong = 1 − n Σ_trusted v_i / #rows,
 *
 * both sums over one bin. Each p_wrong was made without the part that its row is in. The interval is that of how many trusted rows fall into the bin;
 * bins in which that says nothing are left out.
 */
export function checkedBins({ rows, right, weights }: HeldOut, bins = 10): CheckedBin[] {
  const at = (p: number): number => Math.min(Math.floor(p * bins), bins - 1),
    made = Array.from({ length: bins }, () => ({ rows: 0, mass: 0, right: 0, squares: 0 })),
    n = rows.length;
  for (const p of rows) {
    made[at(p)].rows++;
    made[at(p)].mass += p;
  }
  right.forEach((p, i) => {
    made[at(p)].right += n * weights[i];
    made[at(p)].squares += (n * weights[i]) ** 2;
  });
  // What one trusted row stands for: a bin without any may have had one by chance.
  const typical = right.length === 0 ? 0 : (n * weights.reduce((a, b) => a + b, 0)) / right.length,
    within = (x: number): number => Math.min(Math.max(x, 0), 1);
  return made.flatMap((bin, k) => {
    const share = 1 - bin.right / bin.rows,
      half = (1.96 * Math.sqrt(Math.max(bin.squares, typical ** 2))) / bin.rows;
    // Where one trusted row stands for about as many rows as there are, nothing is seen.
    if (bin.rows < fewest || half > vaguest) return [];
    return [
      {
        low: k / bins,
        high: (k + 1) / bins,
        rows: bin.rows,
        mean: bin.mass / bin.rows,
        share: within(share),
        shareLow: within(share - half),
        shareHigh: within(share + half),
      },
    ];
  });
}
