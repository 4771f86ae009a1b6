import { fail } from "../../tensor/error.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import { allocate } from "../../tensor/types.js";
import type { Kernels } from "../kernels.js";
import { recompute } from "../memory/index.js";
import { bernoulli } from "../random.js";
import { unroll } from "../unroll.js";
import type { Choice, Estimate, Estimator, MomentSample } from "./estimator.js";
import { exact } from "./exact.js";
import { firstOrder } from "./first-order.js";
import type { Probability } from "./probability.js";
import { fixed } from "./probability.js";
import type { SingleSweepEstimator } from "./single.js";
import { baseWork } from "./single.js";

/** What UFOM combines. */
export interface UfomOptions {
  /** Evaluated always; absent: first-order, with the mixed part where plain first-order is zero. */
  readonly baseline?: SingleSweepEstimator;
  /** Evaluated with probability q; absent: the exact gradient with recomputed states, whose memory does not grow with r. */
  readonly target?: SingleSweepEstimator;
}

type Leaves = readonly (HostArray | undefined)[];

/** B + (E − B)/q, leaf by leaf; undefined leaves are zero. */
function combine(baseline: Leaves, target: Leaves, q: number, leaves: number): (HostArray | undefined)[] {
  return Array.from({ length: leaves }, (_, i) => {
    const b = baseline[i], e = target[i], type = e ?? b;
    if (!type) return undefined;
    const data = allocate(type);
    for (let k = 0; k < data.length; k++) {
      const from = b ? b.data[k] : 0, to = e ? e.data[k] : 0;
      data[k] = from + (to - from) / q;
    }
    return { shape: type.shape, dtype: type.dtype, data };
  });
}

function moments(baseline: Leaves, target: Leaves, leaves: number): MomentSample {
  let difference = 0, square = 0, inner = 0, base = 0;
  for (let i = 0; i < leaves; i++) {
    const b = baseline[i]?.data, e = target[i]?.data, n = (b ?? e)?.length ?? 0;
    for (let k = 0; k < n; k++) {
      const x = b ? b[k] : 0, y = e ? e[k] : 0;
      difference += (y - x) ** 2;
      square += y * y;
      inner += x * y;
      base += x * x;
    }
  }
  return { difference, target: square, inner, baseline: base };
}

/**
 * The unbiased first-order method: G = G_baseline + (ξ/q)(G_target − G_baseline) with ξ ~ Bernoulli(q), so E G = G_target for every q,
 * E‖G‖² = E‖G_target‖² + (1/q − 1) E‖G_target − G_baseline‖², and the expected cost is C_det + q C_rnd. Both gradients share one pass
 * over the inner loop.
 *
 * @param probability q in (0, 1], or how it is chosen: `fixed(0.1)`, `adaptive()`, `optimal()`
 * @throws if q is outside (0, 1]
 * Source: Likhosherstov et al., ICML 2021, section 4.
 */
export function ufom(probability: number | Probability, options: UfomOptions = {}): Estimator {
  const chance = typeof probability === "number" ? fixed(probability) : (probability as Probability), target = options.target ?? exact(recompute);
  const baselineFor = (kernels: Kernels) => options.baseline ?? firstOrder({ mixed: kernels.firstOrderVanishes });
  const suffix = [target.name === "exact:recompute" ? [] : [target.name === "exact" ? "store" : target.name.replace(/^exact:/, "")], options.baseline ? [`baseline=${options.baseline.name}`] : []].flat();
  return {
    name: [`ufom:${chance.name}`, ...suffix].join(":"),
    check: kernels => {
      options.baseline?.check(kernels);
      target.check(kernels);
    },
    init: () => chance.init(),
    draw(state, random): Choice {
      const q = chance.next(state);
      if (!(q > 0 && q <= 1)) fail("ufom", "draws with a probability in (0, 1]", `${q}`);
      return { exact: bernoulli(random, q), probability: q };
    },
    observe: (state, estimate) => chance.observe(state, estimate),
    async estimate(kernels: Kernels, theta: HostTree, task: HostTree, choice: Choice): Promise<Estimate> {
      const baseline = baselineFor(kernels), r = kernels.steps, always = baseWork(kernels) + baseline.work(kernels);
      // With both, the baseline's steps are visited on the target's way: it costs no states of its own.
      const work = { deterministic: always, random: baseWork(kernels) + target.work(kernels) + sweepWork(baseline, kernels) - always };
      if (!choice.exact) {
        const { loss, gradients: [b], counts, peakStates, seconds } = await unroll(kernels, theta, task, [baseline.sweep(r)], baseline.memory);
        return { gradient: kernels.thetaTree(b), loss, counts, peakStates, choice, work, seconds: { deterministic: seconds.total, random: 0 } };
      }
      const { loss, gradients: [b, e], counts, peakStates, seconds } = await unroll(kernels, theta, task, [baseline.sweep(r), target.sweep(r)], target.memory);
      const leaves = Math.max(b.length, e.length), extra = seconds.walk - seconds.sweeps[0];
      return {
        gradient: kernels.thetaTree(choice.probability === 1 ? e : combine(b, e, choice.probability, leaves)),
        loss, counts, peakStates, choice, work, moments: moments(b, e, leaves),
        seconds: { deterministic: seconds.total - extra, random: extra },
      };
    },
  };
}

/** A baseline's own products, without the steps that bring it its states. */
const sweepWork = (baseline: SingleSweepEstimator, kernels: Kernels): number => {
  const { depth } = baseline.sweep(kernels.steps);
  return baseline.work(kernels) - baseline.memory.extraSteps(depth);
};
