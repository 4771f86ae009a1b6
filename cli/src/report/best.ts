import type { Best, RunRecord, StepRecord } from "../problems/problem-entry.js";

/** Of how many steps the running mean is: a fiftieth of the run. */
const windowOf = (n: number): number => Math.min(100, Math.max(1, Math.round(n / 50)));

/** The mean of the outer losses of the last steps, at each step that has so many behind it. */
export function runningMeans(steps: readonly StepRecord[]): {
  readonly width: number;
  readonly means: readonly (readonly [StepRecord, number])[];
} {
  const width = windowOf(steps.length);
  const means: [StepRecord, number][] = [];
  let [sum, odd] = [0, 0];
  const count = ({ loss }: StepRecord, sign: 1 | -1) => {
    if (Number.isFinite(loss)) sum += sign * loss;
    else odd += sign;
  };
  steps.forEach((step, i) => {
    count(step, 1);
    if (i >= width) count(steps[i - width], -1);
    if (i >= width - 1 && odd === 0) means.push([step, width === 1 ? step.loss : sum / width]);
  });
  return { width, means };
}

/** The best value of a run: the one that it kept, or the lowest running mean of the outer loss; none where there are too few steps. */
export function bestOf({ best, steps }: Pick<RunRecord, "best" | "steps">): Best | undefined {
  if (best !== undefined) return best;
  if (steps.length < 2) return undefined;
  const { width, means } = runningMeans(steps);
  if (means.length === 0) return undefined;
  const [{ index }, value] = means.reduce((lowest, next) => (next[1] < lowest[1] ? next : lowest));
  return { index, value, criterion: width === 1 ? "outer loss" : `mean of ${width} outer losses` };
}
