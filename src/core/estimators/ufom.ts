import { fail } from "../../tensor/error.js";
import { allocate } from "../../tensor/types.js";
import type { Kernels } from "../evaluation/compiled-problem.js";
import { recompute } from "../memory/index.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import { bernoulli } from "../random/index.js";
import type { Sweep } from "../unroll/pass.js";
import type { LeafGradients } from "../unroll/unroll.js";
import { backWork, unroll, workOf } from "../unroll/unroll.js";
import type { Estimate, Estimator, MomentSample } from "./estimator.js";
import { exact } from "./exact.js";
import { firstOrder } from "./first-order.js";
import type { Probability } from "./probability.js";
import { fixed } from "./probability.js";
import type { SingleSweepEstimator } from "./single.js";

/** What UFOM combines. */
export interface UfomOptions {
  /** Evaluated always; absent: first-order, with the mixed part where plain first-order is zero. */
  readonly baseline?: SingleSweepEstimator;
  /** Evaluated with probability q; absent: the exact gradient with recomputed states, whose memory does not grow with r. */
  readonly target?: SingleSweepEstimator;
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
  const chance = typeof probability === "number" ? fixed(probability) : probability,
    target = options.target ?? exact(recompute);
  const baselineFor = (kernels: Kernels) => options.baseline ?? firstOrder({ mixed: kernels.firstOrderVanishes });
  return {
    name: spell(chance, target, options.baseline),
    check(kernels) {
      options.baseline?.check(kernels);
      target.check(kernels);
    },
    init: () => chance.init(),
    draw(state, random) {
      const q = chance.next(state);
      if (!(q > 0 && q <= 1)) fail("ufom", "draws with a probability in (0, 1]", `${q}`);
      return { exact: bernoulli(random, q), probability: q };
    },
    observe: (state, estimate) => chance.observe(state, estimate),

    async estimate(kernels, theta, task, choice): Promise<Estimate> {
      const r = kernels.steps,
        baseline = baselineFor(kernels),
        cheap = baseline.sweep(r),
        dear = target.sweep(r);
      const shared = memoryFor([cheap, dear], [target.memory, baseline.memory]),
        deterministic = workOf(kernels, [cheap], baseline.memory);
      const work = { deterministic, random: workOf(kernels, [cheap, dear], shared) - deterministic };
      if (!choice.exact) {
        const { gradients, loss, counts, peakStates, seconds } = await unroll(kernels, theta, task, [cheap], baseline.memory),
          gradient = kernels.thetaTree(gradients[0]);
        return { gradient, loss, counts, peakStates, choice, work, seconds: { deterministic: seconds.total, random: 0 } };
      }
      const { gradients, loss, counts, peakStates, seconds } = await unroll(kernels, theta, task, [cheap, dear], shared),
        [b, e] = gradients;
      // One clock runs for both gradients; operations say how much of the time the baseline alone would have taken.
      const both = backWork(kernels, [cheap, dear], shared),
        random = both && seconds.back * (1 - backWork(kernels, [cheap], baseline.memory) / both);
      return {
        loss,
        counts,
        peakStates,
        gradient: kernels.thetaTree(choice.probability === 1 ? e : combine(b, e, choice.probability)),
        choice,
        work,
        moments: momentsOf(b, e),
        seconds: { deterministic: seconds.total - random, random },
      };
    },
  };
}

/** The first memory strategy that serves all sweeps of a pass. */
const memoryFor = (sweeps: readonly Sweep[], preferred: readonly MemoryStrategy[]): MemoryStrategy =>
  preferred.find(memory => memory.order === "reverse" || sweeps.every(s => s.order === "any")) ?? recompute;

/** `ufom:0.1`, `ufom:adaptive:checkpoint=8:baseline=truncated:5`: what is as usual is not said. */
function spell(chance: Probability, target: SingleSweepEstimator, baseline: SingleSweepEstimator | undefined): string {
  const memory = /^exact(?::(.*))?$/.exec(target.name),
    said = memory ? (memory[1] ?? "store") : `target=${target.name}`;
  return ["ufom", chance.name, ...(said === "recompute" ? [] : [said]), ...(baseline ? [`baseline=${baseline.name}`] : [])].join(":");
}

/** B + (E − B)/q. */
function combine(baseline: LeafGradients, target: LeafGradients, q: number): LeafGradients {
  return pairs(baseline, target).map(([b, e]) => {
    const type = e ?? b;
    if (!type) return undefined;
    const data = allocate(type);
    for (let k = 0; k < data.length; k++) {
      const from = b ? b.data[k] : 0,
        to = e ? e.data[k] : 0;
      data[k] = from + (to - from) / q;
    }
    return { shape: type.shape, dtype: type.dtype, data };
  });
}

function momentsOf(baseline: LeafGradients, target: LeafGradients): MomentSample {
  let difference = 0,
    square = 0,
    inner = 0,
    base = 0;
  for (const [b, e] of pairs(baseline, target)) {
    for (let k = 0, n = (b ?? e)?.data.length ?? 0; k < n; k++) {
      const x = b ? b.data[k] : 0,
        y = e ? e.data[k] : 0;
      difference += (y - x) * (y - x);
      square += y * y;
      inner += x * y;
      base += x * x;
    }
  }
  return { difference, target: square, inner, baseline: base };
}

/** Leaf beside leaf; undefined is zero. */
const pairs = (baseline: LeafGradients, target: LeafGradients): [LeafGradients[number], LeafGradients[number]][] =>
  Array.from({ length: Math.max(baseline.length, target.length) }, (_, i) => [baseline[i], target[i]]);
