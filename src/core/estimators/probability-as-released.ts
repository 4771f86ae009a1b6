import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { optimalProbability } from "../theory/optimal-probability.js";
import type { Probability } from "./probability.js";

/** How many gradients the released rule charges. */
export interface AsReleasedOptions {
  /**
   * r, a whole number of at least 1; the problem's own number of inner steps if not given. The authors count the query loss as a step: with 9
   * steps on the support images their r is 10.
   */
  readonly r?: number;
}

const releasedKeys: KeysOf<AsReleasedOptions> = { r: true };

/** What was seen: sums with weights 0.99^age, as only their ratio decides. */
interface ReleasedState {
  readonly [key: string]: number;
  readonly samples: number;
  readonly difference: number;
  readonly target: number;
  /** r. */
  readonly steps: number;
}

const [DECAY, Q_MIN, P] = [0.99, 0.05, 2];

/**
 * The adaptive probability **as the authors' released code has it, with its mistake**: to repeat published figures. Where you want the probability that
 * suits your problem, take `adaptive`.
 *
 * Its averages (decay 0.99) are of ‖G_target‖² and of a tenth of the squared difference *after* the mixing, with G = G_baseline + (G_target − G_baseline)/q:
 *
 *     ‖G − G_target‖²/10 = (1/q − 1)² ‖G_target − G_baseline‖²/10
 *
 * where D² = ‖G_target − G_baseline‖² is what the theory wants. So the q that was used decides about the next one: a small q makes the difference look
 * large and a q near 1 makes it vanish, whatever it is. For D²/V² = 0.01, 0.1, 0.5 and r = 10 it settles at q = 0.14, 0.25, 0.37, where 0.069, 0.274, 1
 * cost least, and it never becomes exact. The mean is the target's all the same: a q of the past has no bias.
 *
 * The rest is the rule of `adaptive` with p = 2, q ≥ 0.05, and costs that are charged by count: C_det = r + 1 and C_rnd = r + r(r − 1)/2 gradients.
 *
 * @param options.r which r is charged; the problem's own number of inner steps if not given
 * @throws if r is not a whole number of at least 1
 *
 * @example
 * ufom(adaptiveAsReleased()).name; // "ufom:adaptive:as-released"
 * ufom(adaptiveAsReleased({ r: 10 })).name; // "ufom:adaptive:as-released:r=10"
 *
 * Source: the code released with Likhosherstov et al., ICML 2021.
 */
export function adaptiveAsReleased(options?: AsReleasedOptions): Probability<ReleasedState> {
  const { r } = checkOptions("adaptive:as-released", options, releasedKeys);
  if (r !== undefined && !(Number.isSafeInteger(r) && r >= 1))
    fail("adaptive:as-released", "takes an r of a whole number of at least 1", `${r}`);
  return {
    name: ["adaptive:as-released", ...(r === undefined ? [] : [`r=${r}`])].join(":"),
    init: () => ({ samples: 0, difference: 0, target: 0, steps: 0 }),
    next({ samples, difference, target, steps }) {
      if (!samples) return Q_MIN;
      const charged = r ?? steps;
      return optimalProbability({
        d2: difference,
        v2: target,
        det: charged + 1,
        rnd: charged + (charged * (charged - 1)) / 2,
        p: P,
        qMin: Q_MIN,
      });
    },
    observe(state, { moments, probability, steps }) {
      // A square that overflows says nothing about q; the run itself will say that it diverged.
      if (!moments || !Number.isFinite(moments.difference) || !Number.isFinite(moments.target)) return state;
      const factor = 1 / probability - 1,
        after = (factor * factor * moments.difference) / 10;
      return {
        samples: state.samples + 1,
        difference: DECAY * state.difference + after,
        target: DECAY * state.target + moments.target,
        steps,
      };
    },
  };
}
