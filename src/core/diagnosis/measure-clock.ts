import type { HostTree } from "../../tensor/types.js";
import type { Choice, Estimator } from "../estimators/estimator.js";
import { certain } from "../estimators/estimator.js";
import { fixed } from "../estimators/probability.js";
import { sweepEstimator } from "../estimators/sweep-estimator.js";
import { ufom } from "../estimators/ufom.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Pauses } from "../evaluation/pauses.js";
import { recompute } from "../memory/index.js";
import { reverseSweep } from "../unroll/sweeps.js";
import type { Quantity } from "./bootstrap.js";
import type { Timed } from "./clock.js";
import { median, timesOf } from "./clock.js";
import type { Strategy } from "./memory.js";
import type { ClockCosts } from "./result.js";

/** φ₀ and its outer gradient: an estimate without its inner steps. */
const start: Estimator = {
  name: "start",
  facts: { bias: "no gradient", random: false, states: () => 1 },
  init: () => null,
  draw: () => certain,
  async evaluate(at) {
    const { loss } = await at.outer(await at.init());
    return { loss, gradient: [] };
  },
};

/** The inner loop and its outer gradient: what every estimate takes. */
const forward = sweepEstimator({ name: "forward", bias: "first-order", memory: recompute, sweep: () => reverseSweep(0) });

/** The draw of UFOM with both gradients. */
function both(estimator: ReturnType<typeof ufom>, theta: HostTree, steps: number): Choice {
  return estimator.outcomes!(estimator.init(theta, steps)).find(({ exact }) => exact)!;
}

/** What is measured, and for how long. */
export interface ClockPlan {
  /** The baseline of UFOM, if there is one, and all that it could be. */
  readonly baseline: Estimator | undefined;
  readonly candidates: readonly Estimator[];
  /** Those whose estimates are short enough to be repeated. */
  readonly strategies: readonly Strategy[];
  /** The seconds after which no further round begins. */
  readonly enough: number;
}

/**
 * Costs by the clock: an inner step, a product and the outer gradient from differences of whole estimates, as a run takes them; C_det of the baseline; and
 * C_rnd of the exact gradient beside it, by each memory strategy.
 */
export async function clockCosts(
  compiled: CompiledProblem,
  theta: HostTree,
  task: HostTree,
  { baseline, candidates, strategies, enough }: ClockPlan,
  pauses: Pauses,
): Promise<ClockCosts> {
  const r = compiled.steps,
    timed: Timed[] = [
      { estimator: start, choice: certain },
      { estimator: forward, choice: certain },
    ],
    add = (estimator: Estimator, choice: Choice = certain) => timed.push({ estimator, choice }) - 1,
    each = candidates.map(estimator => [estimator.name, add(estimator)] as const),
    alone = baseline && each.find(([name]) => name === baseline.name)![1],
    exacts = strategies.map(({ exact }) => add(exact)),
    pairs = strategies.map(({ exact }) => {
      if (!baseline) return undefined;
      const estimator = ufom(fixed(0.5), { baseline, target: exact });
      return add(estimator, both(estimator, theta, r));
    }),
    times = await timesOf(compiled, theta, task, timed, pauses, enough);
  // Differences of a round, whose parts met the same machine; a clock may be late, but nothing takes less than no time.
  const of = (f: (at: (i: number) => number) => number): Quantity =>
      median(
        times[0].map((_, round) =>
          Math.max(
            0,
            f(i => times[i][round]),
          ),
        ),
      ),
    storing = strategies.findIndex(({ memory }) => memory.extraSteps(r) === 0 && !memory.residualSteps),
    rnd = strategies.map(({ kind }, i) => {
      const pair = pairs[i];
      return [kind, pair === undefined ? of(at => at(exacts[i])) : of(at => at(pair) - at(alone!))] as const;
    });
  return {
    outer: of(at => at(0)),
    ...(r > 0 ? { step: of(at => (at(1) - at(0)) / r) } : {}),
    ...(r > 0 && storing >= 0 ? { product: of(at => (at(exacts[storing]) - at(1)) / r) } : {}),
    ...(alone === undefined ? {} : { det: of(at => at(alone)) }),
    rnd: Object.fromEntries(rnd),
    forward: of(at => at(1)),
    candidates: Object.fromEntries(each.map(([name, i]) => [name, of(at => at(i))])),
    exact: Object.fromEntries(strategies.map(({ kind }, i) => [kind, of(at => at(exacts[i]))])),
  };
}
