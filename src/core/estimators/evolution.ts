import { fail } from "../../tensor/error.js";
import { convert } from "../../tensor/np/promote.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { foldIn, normal } from "../../tensor/random.js";
import type { FloatType, HostArray } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import type { Formula } from "../evaluation/machine.js";
import type { Place } from "../evaluation/place.js";
import type { Buffer } from "../../executors/executor.js";
import { init } from "../problem/definitions.js";
import type { Choice, Estimator } from "./estimator.js";
import { outerLoss } from "../problem/outer-loss.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";
import { refuseSweptClip } from "./swept-clip.js";

/** Options of evolution strategies. */
export interface EvolutionOptions {
  /** σ, the standard deviation by which each number of θ is moved, in θ's own units; 0.01 if not given. */
  readonly sigma?: number;
}

const evolutionKeys: KeysOf<EvolutionOptions> = { sigma: true };
const usualSigma = 0.01;

/** The direction of a leaf of θ in pair i: standard normal numbers from the draw's key. */
const direction = (leaf: Value, at: number, [key, i]: readonly Value[]): Value =>
  convert(normal(foldIn(foldIn(key, i), at), leaf.shape), leaf.dtype);

/** (θ, (key, i)) ↦ (θ + σε_i, θ − σε_i). */
const movedBy = (sigma: number): Formula => ({
  name: "moved both ways",
  of(theta, pair) {
    const moves = theta.map((leaf, at) => direction(leaf, at, pair).mul(sigma));
    return [theta.map((leaf, at) => leaf.add(moves[at])), theta.map((leaf, at) => leaf.sub(moves[at]))];
  },
});

/** (g, l, (key, i), (l⁺, l⁻)) ↦ (g + (l⁺ − l⁻)/(2σN) ε_i, l + (l⁺ + l⁻)/(2N)). */
const addedTo = (sigma: number, pairs: number): Formula => ({
  name: "pair added",
  of(gradient, [loss], pair, [plus, minus]) {
    const slope = plus.sub(minus).div(2 * sigma * pairs);
    return [
      gradient.map((leaf, at) => leaf.add(direction(leaf, at, pair).mul(slope.astype(leaf.dtype)))),
      loss.add(plus.add(minus).div(2 * pairs)),
    ];
  },
});

/** L_out after the whole inner loop. The caller releases it. */
async function lossAt(at: Place): Promise<Buffer> {
  const x = await at.unroll(await at.init()),
    [loss] = await at.machine.run(outerLoss, at.theta, x, at.task);
  at.machine.release(x);
  return loss;
}

const zero: Readonly<Record<FloatType, HostArray>> = {
  float32: { shape: [], dtype: "float32", data: new Float32Array(1) },
  float64: { shape: [], dtype: "float64", data: new Float64Array(1) },
};

/**
 * Antithetic evolution strategies: N pairs of losses at points around θ, and neither products nor more than one state.
 *
 *     G = 1/(2σN) Σ_i (M(θ + σε_i) − M(θ − σε_i)) ε_i,   ε_i ~ N(0, I)
 *
 * Its mean is the gradient of the smoothed objective E M(θ + σε), not of M: they differ by O(σ²), and by nothing where M is quadratic. There
 * each coordinate has the variance (‖∇M‖² + (∂_iM)²)/N, so that E‖G − ∇M‖² = (dim θ + 1)‖∇M‖²/N: for few outer parameters, or for losses
 * so rough that their own gradient misleads. The loss that it tells is the mean of the 2N losses.
 *
 * @param pairs N, a whole number of at least 1
 * @param options.sigma σ > 0, in θ's units; 0.01 if not given. In float32 the difference of two losses loses digits as σ shrinks
 * @throws UfomError if N or σ is out of range
 *
 * @example
 * evolutionStrategies(8, { sigma: 0.05 }).name; // "es:8:sigma=0.05"
 *
 * Source: Salimans, Ho, Chen, Sidor, Sutskever, Evolution Strategies as a Scalable Alternative to Reinforcement Learning, 2017; for unrolled
 * loops Metz, Maheswaranathan, Nixon, Freeman, Sohl-Dickstein, Understanding and correcting pathologies in the training of learned optimizers,
 * ICML 2019.
 */
export function evolutionStrategies(
  pairs: number,
  options?: EvolutionOptions,
): Estimator<null, Choice<null, { readonly key: readonly HostArray[] }>> {
  const { sigma = usualSigma } = checkOptions("es", options, evolutionKeys);
  if (!Number.isInteger(pairs) || pairs < 1) refusePairs(`${pairs}`);
  if (!(sigma > 0 && Number.isFinite(sigma))) fail("es", "takes a sigma above 0", `${sigma}`);
  const moved = movedBy(sigma),
    added = addedTo(sigma, pairs);
  return {
    name: sigma === usualSigma ? `es:${pairs}` : `es:${pairs}:sigma=${sigma}`,
    facts: { bias: "smoothing", random: true, states: () => 1 },
    check({ programs }) {
      refuseSweptClip("es", programs);
    },
    init: () => null,
    draw: (_, random) => ({ probability: 1, exact: true, plan: null, arrays: { key: [random.key()] } }),
    async evaluate(at, _, { key: [key] }) {
      const { machine, theta } = at,
        n = theta.length;
      let gradient = at.zeros([...theta.keys()]),
        loss = machine.constant(zero[machine.programs.dtype]);
      for (let i = 0; i < pairs; i++) {
        const pair = [key, at.index(i + 1)],
          both = await machine.run(moved, theta, pair),
          plus = await lossAt(at.at(both.slice(0, n))),
          minus = await lossAt(at.at(both.slice(n))),
          sums = await machine.run(added, gradient, [loss], pair, [plus, minus]);
        machine.release([...both, plus, minus, ...(i ? [...gradient, loss] : [])]);
        gradient = sums.slice(0, n);
        loss = sums[n];
      }
      return { loss, gradient };
    },
    work: problem => ({ deterministic: 2 * pairs * (problem.work(init) + problem.steps + problem.work(outerLoss)), random: 0 }),
  };
}

const refusePairs = (received: string): never => fail("es", "takes a whole number of pairs of at least 1", received);

export const evolutionSpelling: EstimatorSpelling = {
  spelling: "es:N[:sigma=S]",
  summary: "evolution strategies with N pairs: losses only, one state; unbiased for M smoothed by S (0.01 unless given)",
  examples: ["es:4", "es:8:sigma=0.1"],
  parse(text) {
    const rest = after("es", text);
    if (rest === undefined) return undefined;
    const [pairs, ...options] = rest.split(":");
    if (!/^\d+$/.test(pairs)) refusePairs(pairs === "" ? "nothing" : JSON.stringify(pairs));
    const sigma = options.length ? /^sigma=(.+)$/.exec(options.join(":")) : undefined;
    if (sigma === null) return fail("es", "takes the option sigma", JSON.stringify(options.join(":")));
    return evolutionStrategies(Number(pairs), sigma && { sigma: Number(sigma[1]) });
  },
};
