import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { parseMemory, store } from "../memory/index.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import { reverseSweep } from "../unroll/sweeps.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";
import type { SweepEstimator } from "./sweep-estimator.js";
import { checkMemory, sweepEstimator } from "./sweep-estimator.js";

/** What else is visited, and how states are kept. */
export interface HeadOptions {
  /** How many of the last steps are visited too, at least 1; none if not given. */
  readonly tail?: number;
  /** How the steps that are visited get their states: `store` if not given. */
  readonly memory?: MemoryStrategy;
}

const headKeys: KeysOf<HeadOptions> = { tail: true, memory: true };

const refuse = (which: "first" | "last", received: string): never =>
  fail(which === "first" ? "head" : "head's tail", `takes a whole number of ${which} steps of at least 1`, received);

/**
 * The reverse sweep over the first K inner steps only, and over the last M before them where `tail` says so; it takes the steps between for the
 * identity:
 *
 *     u_{j−1} = (∂Φ_j/∂x)ᵀu_j,  g ← g + (∂Φ_j/∂θ)ᵀu_j   for j > r − M and for j ≤ K
 *     u_{j−1} = u_j                                      for K < j ≤ r − M
 *
 * u_r = ∂L_out/∂x. What θ does through the steps between, the mixed part, is dropped with their products, so that K + M states and products are all
 * it takes. Biased for K + M < r; for K + M ≥ r it is the exact gradient, bit for bit. `truncated(M)` has no first steps.
 *
 * @param first K, a whole number of at least 1
 * @param options.tail M, a whole number of at least 1; none if not given
 * @param options.memory how the visited steps get their states; `checkpoint(s)` holds s in all, or one for each of the two stretches
 * @throws if K or M is no such number
 *
 * @example
 * head(5, { tail: 2 }).name; // "head:5:tail:2"
 * head(5).facts.states(100); // 5
 */
export function head(first: number, options?: HeadOptions): SweepEstimator {
  const { tail, memory = store } = checkOptions("head", options, headKeys);
  if (!Number.isSafeInteger(first) || first < 1) refuse("first", `${first}`);
  if (tail !== undefined && (!Number.isSafeInteger(tail) || tail < 1)) refuse("last", `${tail}`);
  const name = [`head:${first}`, ...(tail === undefined ? [] : [`tail:${tail}`])],
    last = tail ?? 0;
  return sweepEstimator({
    name: [...name, ...(checkMemory("head", memory) === store ? [] : [memory.name])].join(":"),
    bias: "truncation",
    memory,
    sweep: r => (first + last < r ? reverseSweep(last, first) : reverseSweep(r)),
  });
}

/** A number of steps as it is spelled. */
const steps = (which: "first" | "last", text: string | undefined): number =>
  /^\d+$/.test(text ?? "") ? Number(text) : refuse(which, text ? JSON.stringify(text) : "nothing");

export const headSpelling: EstimatorSpelling = {
  spelling: "head:K[:tail:M][:MEMORY]",
  summary: "the first K steps of the exact sweep, and the last M; the steps between count as the identity; biased",
  examples: ["head:5", "head:2:tail:1"],
  parse(text) {
    const rest = after("head", text);
    if (rest === undefined) return undefined;
    const [first, ...others] = rest.split(":"),
      hasTail = others[0] === "tail",
      memory = others.slice(hasTail ? 2 : 0).join(":");
    return head(steps("first", first), {
      ...(hasTail ? { tail: steps("last", others[1]) } : {}),
      ...(memory ? { memory: parseMemory(memory) } : {}),
    });
  },
};
