import { fail } from "../../tensor/error.js";
import { parseMemory, store } from "../memory/index.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import type { SweepEstimator } from "./sweep-estimator.js";
import { checkMemory, sweepEstimator } from "./sweep-estimator.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";
import { reverseSweep } from "../unroll/sweeps.js";

const refuse = (received: string): never => fail("truncated", "takes a whole number of steps of at least 0", received);

/**
 * The reverse sweep over the last K inner steps only; what comes before them counts as constant, except that the start still depends
 * on θ. Biased for K < r; K = 0 is the first-order method, K ≥ r the exact one.
 *
 * @param depth K, a whole number of at least 0
 * @throws if K is not
 *
 * @example
 * truncated(5).name; // "truncated:5"
 */
export function truncated(depth: number, memory: MemoryStrategy = store): SweepEstimator {
  if (!Number.isInteger(depth) || depth < 0) refuse(`${depth}`);
  return sweepEstimator({
    name: checkMemory("truncated", memory) === store ? `truncated:${depth}` : `truncated:${depth}:${memory.name}`,
    bias: "truncation",
    memory,
    sweep: r => reverseSweep(Math.min(depth, r)),
  });
}

export const truncatedSpelling: EstimatorSpelling = {
  spelling: "truncated:K[:MEMORY]",
  summary: "the last K steps of the exact sweep; biased",
  examples: ["truncated:5"],
  parse(text) {
    const rest = after("truncated", text);
    if (rest === undefined) return undefined;
    const [depth, ...memory] = rest.split(":");
    if (!/^\d+$/.test(depth)) refuse(depth === "" ? "nothing" : JSON.stringify(depth));
    return truncated(Number(depth), memory.length ? parseMemory(memory.join(":")) : store);
  },
};
