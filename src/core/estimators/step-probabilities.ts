import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { describeTree } from "../../tensor/tree.js";
import type { Data } from "./estimator.js";

/** What one visit of a step showed. */
export interface StepVisit {
  /** j, from 1. */
  readonly step: number;
  /** p_j, with which its coin fell. */
  readonly probability: number;
  /** ‖(J_j − C_j)ᵀû_j‖², for gradient descent ‖α ∂²_{φφ}L_in û_j‖². */
  readonly dropped: number;
  /** ‖(∂Φ_j/∂θ)ᵀû_j‖², the mixed part. */
  readonly mixed: number;
  /** ‖û_j‖². */
  readonly swept: number;
  /** The largest growth ‖(J_j − C_j)ᵀv‖/‖v‖ that was seen: of û_j, and of a power iteration from there where one was made. */
  readonly growth: number;
}

/** What probabilities learn from one draw. */
export interface StepwiseSample {
  readonly visits: readonly StepVisit[];
  /** Steps whose growth was measured by a power iteration. */
  readonly measured: readonly number[];
  /** ‖u_r‖², ‖û₀‖², ‖(∂V/∂θ)ᵀû₀‖² and ‖G‖². */
  readonly last: number;
  readonly first: number;
  readonly start: number;
  readonly gradient: number;
  /** In units of an inner step: what every draw costs, and what one product does; a draw without any says nothing of that. */
  readonly cost: { readonly always: number; readonly product?: number };
}

/** How often each inner step has its product. The next probabilities depend on the past alone, so that every draw stays unbiased. */
export interface StepProbabilities<S extends Data = Data> {
  /** As on the command line, behind `ufom:steps`: `=3`, `=15:first=5`, `:adaptive`. */
  readonly name: string;
  /** @param steps r */
  init(steps: number): S;
  /** p_1 … p_r of the next draw, each in (0, 1]. */
  next(state: S, steps: number): readonly number[];
  /** Of the steps that a draw visits, those whose curvature it measures; absent, none. */
  measures?(state: S, visited: readonly number[], steps: number): readonly number[];
  /** Absent for those that learn nothing. */
  observe?(state: S, sample: StepwiseSample, steps: number): S;
  /** How many different sets of steps fall, for r steps; Infinity where the probabilities learn. */
  plans(steps: number): number;
  /** How many steps fall at most, but for one of 10⁹ draws; absent, all of them. */
  most?(steps: number): number;
  /** κ of the guard p_j ≥ κ α_j λ_max; absent where there is none. */
  readonly guard?: number;
}

/** How many sets of coins there are. */
const setsOf = (coins: number): number => (coins < 31 ? 1 << coins : Infinity);

/** What falls more rarely than this is not counted on. */
const RARE = 1e-9;

/** The least n of which no more than n coins fall, but for one of 10⁹ draws. */
function mostOf(p: readonly number[]): number {
  // The chances of 0, 1, … fallen coins.
  let chances = [1];
  for (const q of p) chances = [...chances, 0].map((chance, n) => chance * (1 - q) + (n ? chances[n - 1] * q : 0));
  let above = 0;
  for (let n = p.length; n > 0; n--) if ((above += chances[n]) > RARE) return n;
  return 0;
}

/** Options of probabilities that are the same at each draw. */
export interface EvenOptions {
  /** F: so many steps at the beginning are taken surely; 0 if not given. */
  readonly first?: number;
}

const evenKeys: KeysOf<EvenOptions> = { first: true };

/**
 * K expected products an estimate: the first F steps surely, and each of the others with the probability (K − F)/(r − F); all of them where K ≥ r.
 *
 * @param products K > F, a number
 * @param options.first F, a whole number of at least 0; 0 if not given
 * @throws if F is none, or K is not above it
 *
 * @example
 * evenSteps(4, { first: 2 }).next(null, 6); // [1, 1, 0.5, 0.5, 0.5, 0.5]
 */
export function evenSteps(products: number, options?: EvenOptions): StepProbabilities<null> {
  const { first = 0 } = checkOptions("evenSteps", options, evenKeys);
  if (!Number.isInteger(first) || first < 0) fail("ufom:steps", "takes a whole number of first steps of at least 0", `first=${first}`);
  if (!(products > 0 && Number.isFinite(products))) fail("ufom:steps", "takes a number of expected products above 0", `${products}`);
  if (products <= first)
    fail(
      "ufom:steps",
      "takes more expected products than first steps, as each of the others has a probability above 0",
      `${products} products and first=${first}`,
    );
  const share = (r: number) => (r <= first ? 1 : Math.min(1, (products - first) / (r - first)));
  const known = new Map<number, readonly number[]>();
  const of = (r: number): readonly number[] => {
    let made = known.get(r);
    if (!made) known.set(r, (made = Array.from({ length: r }, (_, i) => (i < first ? 1 : share(r)))));
    return made;
  };
  return {
    name: first ? `=${products}:first=${first}` : `=${products}`,
    init: () => null,
    next: (_, r) => of(r),
    most: r => mostOf(of(r)),
    plans: r => setsOf(share(r) === 1 ? 0 : r - first),
  };
}

/**
 * A probability for each inner step, as `optimalStepProbabilities` gives them.
 *
 * @param probabilities p_1 … p_r, each in (0, 1]
 * @throws if one of them is outside, or there are none; a problem with another number of steps is refused
 *
 * @example
 * stepwise(fixedSteps([1, 0.5, 0.25])).name; // "ufom:steps:p=1,0.5,0.25"
 */
export function fixedSteps(probabilities: readonly number[]): StepProbabilities<null> {
  if (!Array.isArray(probabilities) || !probabilities.length)
    fail("ufom:steps", "takes a list of probabilities, one an inner step", describeTree(probabilities));
  const p: readonly number[] = [...(probabilities as readonly number[])],
    odd = p.find(q => !(q > 0 && q <= 1));
  if (odd !== undefined) fail("ufom:steps", "takes probabilities in (0, 1]", `${odd}`);
  return {
    name: `:p=${p.join(",")}`,
    init: () => null,
    next: () => p,
    most: () => mostOf(p),
    plans: () => setsOf(p.filter(q => q < 1).length),
  };
}
