import type { StepMoments } from "ufom";
import type { Chart } from "../problems/figure.js";
import type { RunRecord, StepRecord } from "../problems/problem-entry.js";
import { stepChart, type ChartStyle } from "./series.js";

type Seen = StepRecord & { readonly moments: StepMoments };

/** Over how many steps that had both gradients a mean is taken: a twentieth of them. */
const windowOf = (n: number): number => Math.min(200, Math.max(1, Math.round(n / 20)));

/** Moving means of what was seen, at each step that has a whole window behind it. */
function movingMeans(steps: readonly StepRecord[]): Map<StepRecord, StepMoments> {
  const seen = steps.filter((step): step is Seen => step.moments !== undefined);
  const width = windowOf(seen.length);
  return new Map(
    seen.slice(width - 1).map((step, i) => {
      const last = seen.slice(i, i + width).map(({ moments }) => moments);
      const mean = (name: "difference" | "target" | "cosine") => last.reduce((sum, moments) => sum + moments[name], 0) / width;
      return [step, { difference: mean("difference"), target: mean("target"), cosine: mean("cosine") }];
    }),
  );
}

/**
 * What was seen of UFOM's two gradients along the way: how far the baseline is from the target (D²/V²), the cosine between both, and the probability
 * of the target where it changes. One line for all runs of one name; nothing of runs that had nothing to see.
 */
export function diagnosisCharts(
  records: readonly RunRecord[],
  style: Pick<ChartStyle, "work" | "names"> & { readonly nameOf?: (record: RunRecord) => string } = {},
): Chart[] {
  const seen = records.filter(({ steps }) => steps.some(({ moments }) => moments !== undefined));
  const changes = records.filter(({ steps }) => steps.some(({ probability }) => probability !== steps[0].probability));
  const means = new Map(seen.flatMap(({ steps }) => [...movingMeans(steps)]));
  const ratio = (step: StepRecord) => {
    const { difference, target } = means.get(step) ?? { difference: NaN, target: NaN };
    return difference / target;
  };
  return [
    ...(seen.length === 0
      ? []
      : [
          stepChart("Distance of the baseline from the exact gradient", "D²/V²", seen, ratio, {
            caption: "Moving mean of ‖G_target − G_baseline‖² over that of ‖G_target‖², of a twentieth of the steps that computed both.",
            ...style,
          }),
          stepChart("Cosine between baseline and exact gradient", "cosine", seen, step => means.get(step)?.cosine, {
            caption: "Moving mean over the same steps.",
            scale: "linear",
            ...style,
          }),
        ]),
    ...(changes.length === 0
      ? []
      : [stepChart("Probability of the exact gradient", "q", changes, step => step.probability, { scale: "linear", ...style })]),
  ];
}
