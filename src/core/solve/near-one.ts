import type { Estimator } from "../estimators/estimator.js";

/** From here on a probability counts as near 1: what UFOM spares of the target is less than a tenth. */
export const NEAR = 0.9;
/** Fewer steps are no habit. */
const FEWEST = 20;

/** Watches whether the probability of the target stays near 1. */
export class NearOne {
  #steps = 0;
  /** Of these the last ones in a row, in which it was near. */
  #near = 0;

  /** @param q of an outer step that was done */
  sees(q: number): void {
    this.#steps++;
    this.#near = q >= NEAR ? this.#near + 1 : 0;
  }

  /** What is to be told at the end of a run whose probability was near 1 over its last half, or longer. */
  notes({ name, facts: { target } }: Pick<Estimator, "name" | "facts">): string[] {
    const [near, all] = [this.#near, this.#steps];
    if (target === undefined || near < FEWEST || 2 * near < all) return [];
    const shown = (n: number) => n.toLocaleString("en"),
      when = near === all ? `all ${shown(all)}` : `the last ${shown(near)} of ${shown(all)}`,
      instead = target.startsWith("exact:") ? `exact, or ${target} in as few states,` : target;
    return [
      `${name} drew its target with a probability of at least ${NEAR} in ${when} outer steps, where it spares next to nothing: ${instead} has the same mean for the same price, and no variance of a coin.`,
    ];
  }
}
