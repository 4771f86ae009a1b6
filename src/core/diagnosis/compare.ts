import type { HostTree } from "../../tensor/types.js";
import type { Resampled } from "./bootstrap.js";
import { quantity } from "./bootstrap.js";
import type { Candidate } from "./candidates.js";
import type { CandidateMoments } from "./quantities.js";
import { biasOf, correlationOf, cosineOf, gradientOf, momentsOf, ratioOf, scaledOf, scaleOf } from "./quantities.js";
import type { CandidateResult, Comparison, PointResult } from "./result.js";
import type { Point } from "./points.js";

const v2Of = ({ v2 }: CandidateMoments): number => v2;
const d2Of = ({ d2 }: CandidateMoments): number => d2;

/** A figure of a candidate in a scope, with its interval. */
const figure = (sample: Resampled, candidates: number, i: number, scope: number) => (of: (moments: CandidateMoments) => number) =>
  quantity(sample, means => of(momentsOf(means, candidates, i, scope)));

function comparison(sample: Resampled, candidates: number, i: number, scope = 0): Comparison {
  const at = figure(sample, candidates, i, scope);
  return {
    d2: at(d2Of),
    ratio: at(ratioOf),
    bias: at(biasOf),
    cosine: at(cosineOf),
    rho: at(correlationOf),
    scale: at(scaleOf),
    scaledD2: at(scaledOf),
  };
}

/** V² and ‖∇M‖, which all candidates share. */
export const targetFigures = (sample: Resampled, candidates: number) => {
  const at = figure(sample, candidates, 0, 0);
  return { v2: at(v2Of), gradient: at(gradientOf) };
};

/** All candidates, over all of θ and in the leaves that have paths. */
export const compareAll = (sample: Resampled, candidates: readonly Candidate[], paths: readonly string[]): CandidateResult[] =>
  candidates.map(({ name }, i) => ({
    name,
    ...comparison(sample, candidates.length, i),
    leaves: paths.map((path, leaf) => ({
      path,
      v2: figure(sample, candidates.length, i, leaf + 1)(v2Of),
      ...comparison(sample, candidates.length, i, leaf + 1),
    })),
  }));

/** One θ of the run. */
export function pointResult(
  { step, theta }: Point,
  sample: Resampled,
  candidates: readonly Candidate[],
): PointResult & { theta: HostTree } {
  return {
    step,
    ...targetFigures(sample, candidates.length),
    candidates: candidates.map(({ name }, i) => {
      const { d2, ratio, cosine, bias } = comparison(sample, candidates.length, i);
      return { name, d2, ratio, cosine, bias };
    }),
    theta,
  };
}
