/** Precision, recall and F1 of what was called wrong; a fraction of nothing is 0. */
export function f1Score(called: ArrayLike<number>, wrong: ArrayLike<number>): { precision: number; recall: number; f1: number } {
  let [all, true_, both] = [0, 0, 0];
  for (let i = 0; i < called.length; i++) {
    if (called[i]) all++;
    if (wrong[i]) true_++;
    if (called[i] && wrong[i]) both++;
  }
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return { precision: share(both, all), recall: share(both, true_), f1: share(2 * both, all + true_) };
}

/**
 * Average precision of a ranking: Σ_k (R_k − R_{k−1}) P_k over its distinct scores, from the highest. Rows of equal score count together; 0 where nothing
 * is wrong.
 */
export function averagePrecision(score: Float64Array, wrong: ArrayLike<number>): number {
  const order = Array.from(score.keys()).sort((a, b) => score[b] - score[a]);
  let total = 0;
  for (let i = 0; i < wrong.length; i++) if (wrong[i]) total++;
  if (total === 0) return 0;
  let [seen, hits, area] = [0, 0, 0];
  while (seen < order.length) {
    const at = score[order[seen]];
    let here = 0;
    for (; seen < order.length && score[order[seen]] === at; seen++) if (wrong[order[seen]]) here++;
    hits += here;
    area += (here / total) * (hits / seen);
  }
  return area;
}

/** Rows whose probability lies in [low, high): how many, their mean probability, and the share that is wrong. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** NaN in a bin without rows, as `share` is. */
  readonly mean: number;
  readonly share: number;
}

/** A reliability diagram: bins of equal width over [0, 1], of which the last has 1 in it. */
export function reliability(p: Float64Array, wrong: ArrayLike<number>, bins = 10): ReliabilityBin[] {
  const made = Array.from({ length: bins }, () => ({ count: 0, mass: 0, wrong: 0 }));
  p.forEach((value, i) => {
    const bin = made[Math.min(Math.floor(value * bins), bins - 1)];
    bin.count++;
    bin.mass += value;
    if (wrong[i]) bin.wrong++;
  });
  return made.map((bin, k) => ({
    low: k / bins,
    high: (k + 1) / bins,
    count: bin.count,
    mean: bin.mass / bin.count,
    share: bin.wrong / bin.count,
  }));
}

/** Expected calibration error: Σ over bins of their share of the rows times |mean probability − share that is wrong|. */
export function calibrationError(p: Float64Array, wrong: ArrayLike<number>, bins = 10): number {
  return reliability(p, wrong, bins).reduce(
    (sum, { count, mean, share }) => (count === 0 ? sum : sum + (count / p.length) * Math.abs(mean - share)),
    0,
  );
}
