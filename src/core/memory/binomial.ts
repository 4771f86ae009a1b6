/**
 * Binomial checkpointing: with s snapshots and every step run at most t times, β(s, t) = C(s + t, s) steps can be
 * reversed, and no schedule reverses more.
 *
 * Source: A. Griewank and A. Walther, Algorithm 799: revolve, ACM Transactions on Mathematical Software 26(1), 2000.
 */

/** How many steps can be reversed with s snapshots, and how often each is run then. */
interface Reach {
  /** The smallest t with C(s + t, s) ≥ length. */
  readonly repetitions: number;
  /** C(s + t, s). */
  readonly steps: number;
}

function reach(length: number, snapshots: number): Reach {
  let repetitions = 0;
  let steps = 1;
  while (steps < length) {
    repetitions++;
    steps = (steps * (snapshots + repetitions)) / repetitions;
  }
  return { repetitions, steps };
}

/**
 * The fewest steps that reverse `length` ≥ 1 steps with `snapshots` ≥ 1 states, the first one among them; the steps
 * that are being reversed do not count:
 *
 *     p(l, s) = t·l − C(s + t, s + 1),  t the smallest with C(s + t, s) ≥ l
 */
export function fewestSteps(length: number, snapshots: number): number {
  const { repetitions, steps } = reach(length, snapshots);
  return repetitions * length - (steps * repetitions) / (snapshots + 1);
}

/**
 * How far to run from a snapshot before the next one is taken, so that `length` ≥ 2 steps are reversed with the fewest
 * steps, `snapshots` ≥ 2 counting the one at hand. The m steps before the new snapshot are reversed last, with all
 * snapshots and one run less; the others first, with one snapshot less. The largest m with
 *
 *     m ≤ β(s, t − 1)  and  l − m ≥ β(s − 1, t − 1)
 *
 * is optimal.
 */
export function nextSnapshot(length: number, snapshots: number): number {
  const { repetitions: t, steps } = reach(length, snapshots);
  const before = (steps * t) / (snapshots + t);
  const after = (before * snapshots) / (snapshots + t - 1);
  return Math.min(before, length - after);
}
