import type { HostArray } from "../../tensor/types.js";
import type { Choice, Data } from "./estimator.js";
import { certain } from "./estimator.js";
import { prefixed } from "./part-arrays.js";

/** What of the two is evaluated, and the plans of both. */
export type UfomPlan = {
  readonly exact: boolean;
  /** Whether q is 1: then the target alone is the estimate. */
  readonly certain: boolean;
  /** Whether a target is compared with the baseline: not where q is 1 and nothing is to be learned. */
  readonly compared: boolean;
  readonly baseline: Data;
  readonly target: Data;
  /** Whether what each of the two drew for itself is exact: of a part that draws nothing it always is. */
  readonly drawn: { readonly baseline: boolean; readonly target: boolean };
};
export type UfomChoice = Choice<UfomPlan>;

/** What decides about a choice of UFOM: coins, and numbers of the past. */
export interface Coins {
  readonly q: number;
  readonly exact: boolean;
  readonly compared: boolean;
  /** c, of the baseline or of each of its leaves; absent where it is not scaled. */
  readonly scale?: readonly number[];
}

const scalar = (x: number): HostArray => ({ shape: [], dtype: "float64", data: Float64Array.of(x) });

function choiceOf({ q, exact, compared, scale }: Coins, b: Choice, t: Choice): UfomChoice {
  const sees = !exact || compared,
    isCertain = q === 1;
  return {
    probability: q,
    exact,
    plan: {
      exact,
      certain: isCertain,
      compared,
      baseline: sees ? b.plan : null,
      target: exact ? t.plan : null,
      drawn: { baseline: !sees || b.exact, target: !exact || t.exact },
    },
    arrays: {
      ...(sees ? prefixed("baseline", b.arrays) : {}),
      ...(exact ? prefixed("target", t.arrays) : {}),
      ...(exact && !isCertain ? { q: [scalar(q)] } : {}),
      ...(scale && sees ? { scale: scale.map(scalar) } : {}),
    },
  };
}

/** Makes a choice of coins and of both parts. */
export type Chooser = (coins: Coins, b: Choice, t: Choice) => UfomChoice;

/**
 * A maker of choices whose equal ones, of parts that draw nothing, are one object: so draws of many tasks and steps are seen to agree without being
 * compared.
 */
export function chooser(): Chooser {
  let last: Pick<Coins, "q" | "scale"> = { q: NaN },
    known: (UfomChoice | undefined)[] = [];
  return (coins, b, t) => {
    if (b !== certain || t !== certain) return choiceOf(coins, b, t);
    const { q, scale, exact, compared } = coins;
    if (last.q !== q || last.scale !== scale) [last, known] = [{ q, scale }, []];
    return (known[Number(exact) + 2 * Number(compared)] ??= choiceOf(coins, b, t));
  };
}
