import type { Choice } from "../estimators/estimator.js";
import { planKey } from "./recorded-batch.js";

/** So many plans are added as they are drawn first. Of an estimator that has more, they are added when a third of all would be new. */
export const FEW_PLANS = 16;
/** A routine has at most so many parts, one for each task in it and plan; draws with further plans are computed otherwise. */
const MOST_PARTS = 2 ** 12;

/** The plans that a routine has, each by one choice that drew it, and those that were drawn since. */
export class Plans {
  readonly #known: ReadonlyMap<string, Choice>;
  readonly #waiting = new Map<string, Choice>();

  constructor(choices: Iterable<Choice>) {
    this.#known = byPlan(choices);
  }

  /** One choice of each. */
  get choices(): Choice[] {
    return [...this.#known.values()];
  }

  /** Choices whose plan is not among them; mostly all are one object. */
  unknown(choices: readonly Choice[]): Choice[] {
    const unknown: Choice[] = [];
    let last: Choice | undefined;
    for (const choice of choices) {
      if (choice === last) continue;
      if (!this.#known.has(planKey(choice))) unknown.push(choice);
      last = choice;
    }
    return unknown;
  }

  /**
   * What a routine of all plans would have, once these are drawn too.
   * @param tasks that lie in one routine
   * @returns nothing as long as it is not worth while, since each time all plans are written down anew: by waiting, all in all it is a few times for each
   */
  with(drawn: readonly Choice[], tasks: number): Plans | undefined {
    const waiting = this.#waiting;
    for (const choice of drawn) waiting.set(planKey(choice), choice);
    const all = new Plans([...this.#known.values(), ...waiting.values()]),
      { size } = all.#known;
    return size * tasks > MOST_PARTS || (size > FEW_PLANS && 3 * waiting.size < size) ? undefined : all;
  }
}

const byPlan = (choices: Iterable<Choice>): Map<string, Choice> => {
  const plans = new Map<string, Choice>();
  let last: Choice | undefined;
  for (const choice of choices) if (choice !== last) plans.set(planKey((last = choice)), choice);
  return plans;
};
