import type { Best, RunRecord, StepRecord } from "../problems/problem-entry.js";

/** Of how many steps the running mean is: a fiftieth of the run. */
const windowOf = (n: number): number => Math.min(100, Math.max(1, Math.round(n / 50)));

/** The lowest mean of `width` outer losses in a row, all of them finite. */
function lowestMean(steps: readonly StepRecord[], width: number): { readonly at: StepRecord; readonly value: number } | undefined {
  let best: { readonly at: StepRecord; readonly value: number } | undefined;
  let [sum, odd] = [0, 0];
  const count = ({ loss }: StepRecord, sign: 1 | -1) => {
    if (Number.isFinite(loss)) sum += sign * loss;
    else odd += sign;
  };
  steps.forEach((step, i) => {
    count(step, 1);
    if (i >= width) count(steps[i - width], -1);
    const value = width === 1 ? step.loss : sum / width;
    if (i >= width - 1 && odd === 0 && (best === undefined || value < best.value)) best = { at: step, value };
  });
  return best;
}

/** The best value of a run: the one that it kept, or the lowest running mean of the outer loss; none where there are too few steps. */
export function bestOf({ best, steps }: Pick<RunRecord, "best" | "steps">): Best | undefined {
  if (best !== undefined) return best;
  if (steps.length < 2) return undefined;
  const width = windowOf(steps.length);
  const lowest = lowestMean(steps, width);
  if (lowest === undefined) return undefined;
  return { index: lowest.at.index, value: lowest.value, criterion: width === 1 ? "outer loss" : `mean of ${width} outer losses` };
}
