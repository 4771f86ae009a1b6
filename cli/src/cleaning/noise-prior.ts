// What is thought of how labels are lost before a file has spoken; noise-model.ts has the model.

/** By how much the log-odds of keeping a label change with h(x), and with g(x, y). */
export type Slopes = readonly [ofRow: number, ofClass: number];

/**
 * What is thought before any row has spoken, and how many rows it takes to outweigh that.
 *
 * A file in which labels were lost where rows look like another class, and went there, differs little from one that is right and hard to tell: hundreds of
 * rows may be worth a few units of likelihood. People do mistake what looks alike, so that c is not 0 unless the file says so, and not all of a file is right
 * unless it says so. Of a class few labels are wrong, and much of what is said of them is chance.
 */
export interface Before {
  /** b and c, and rows for each. */
  readonly slopes: Slopes;
  readonly slopeRows: Slopes;
  /** Rows that were seen, evenly over the classes, and the share of them whose label was lost. */
  readonly rows: number;
  readonly lost: number;
  /** Rows that it takes to move a class's a_y from the mean of all. */
  readonly offsetRows: number;
  /** Lost labels of each class that went to all others alike. */
  readonly anywhere: number;
}

/** From so many rows on it is worth what is written here; of fewer, less: it must not say more than they do. */
const enough = 1600;

/** @param ofClass whether c may be other than 0 */
export function beforeOf(n: number, ofClass: boolean): Before {
  const share = Math.min(n / enough, 1);
  return {
    slopes: [0, Number(ofClass)],
    slopeRows: [4, ofClass ? 30 : 1e9],
    rows: 50 * share,
    lost: 0.1,
    offsetRows: 10 * share,
    anywhere: 2 * share,
  };
}
