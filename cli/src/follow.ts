import type { HostArray, HostTree } from "ufom";
import { paths } from "ufom/internal/tensor/tree";
import type { Built, EvaluateContext, StepRecord } from "./problems/problem-entry.js";

/** The most numbers of a leaf of θ that is written down along the way, and of all such leaves together. */
const mostOfLeaf = 32;
const mostOfAll = 128;

/** Whether θ is looked at after a step: after each of the first ten, fifty times per factor of ten, and a hundred times at equal distances. */
export function isTracked(index: number, outerSteps: number): boolean {
  const decade = (k: number) => Math.floor(50 * Math.log10(k));
  const stride = Math.ceil(outerSteps / 100);
  return index <= 10 || index % stride === 0 || decade(index) !== decade(index - 1);
}

/** The leaves of θ that are small enough to be drawn number by number, the first ones where there are many. */
export function smallLeaves(theta: HostTree): Record<string, number[]> {
  const small: Record<string, number[]> = {};
  let left = mostOfAll;
  for (const [path, leaf] of paths("theta", theta) as [string, HostArray][]) {
    const { length } = leaf.data;
    if (length === 0 || length > Math.min(mostOfLeaf, left)) continue;
    left -= length;
    small[path === "" ? "θ" : path] = Array.from(leaf.data);
  }
  return small;
}

/** Looks at θ along the way: the problem's figures, and small leaves. */
export class Follower {
  /** Nothing is read where there is nothing to see. */
  #sees: boolean;

  constructor(
    readonly built: Pick<Built, "problem" | "track">,
    readonly context: EvaluateContext,
    readonly outerSteps: number,
  ) {
    this.#sees = built.track !== undefined || Object.keys(smallLeaves(built.problem.theta(context.seed))).length > 0;
  }

  /** What is written down of a step. @param run has θ after it */
  async after(index: number, run: { readonly theta: HostTree }): Promise<Pick<StepRecord, "tracked" | "theta">> {
    if (!this.#sees || !isTracked(index, this.outerSteps)) return {};
    const { theta } = run;
    const leaves = smallLeaves(theta);
    const tracked = await this.built.track?.(theta, this.context);
    return { ...(tracked === undefined ? {} : { tracked }), ...(Object.keys(leaves).length === 0 ? {} : { theta: leaves }) };
  }
}
