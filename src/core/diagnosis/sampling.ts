import { fail } from "../../tensor/error.js";
import type { HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import { addCounts, evaluations, noCounts } from "../counts.js";
import type { Pauses } from "../evaluation/pauses.js";
import { stream } from "../random/index.js";
import type { Resampled, Resampling } from "./bootstrap.js";
import { quantity, resampled } from "./bootstrap.js";
import type { Candidate } from "./candidates.js";
import { isFiniteGradient, KINDS } from "./inner-products.js";
import type { Panel } from "./panel.js";
import type { Point } from "./points.js";
import { momentsOf } from "./quantities.js";
import { PointSample } from "./sample.js";
import type { Tasks } from "./tasks.js";

/** What is to be sampled, and how far. */
export interface SamplingPlan {
  readonly panel: Panel;
  readonly candidates: readonly Candidate[];
  readonly points: readonly Point[];
  readonly tasks: Tasks;
  readonly by: Resampling;
  readonly seed: number;
  /** The most tasks a point. */
  readonly most: number;
  readonly precision: number;
  readonly leaves: number;
  readonly perLeaf: boolean;
  /** How many tasks of a point have their gradients held. */
  readonly blockSize: number;
  /** What is left of the budget. */
  readonly left: () => { readonly seconds: number; readonly evaluations: number };
  readonly progress?: (text: string) => void;
  /** Refuses a budget of evaluations that is too small, if not this module. */
  readonly tooLittle?: (needed: number) => never;
}

/** What was sampled. */
export interface Sampled {
  readonly samples: readonly PointSample[];
  readonly counts: Counts;
  readonly ended: "precision" | "tasks" | "budget";
  /** A point and a task that were evaluated, for who takes times. */
  readonly example: { readonly theta: HostTree; readonly task: HostTree };
}

/** Resamples while it is asked whether intervals are narrow enough. */
const LOOK = 300;
/** A D² below this part of V² need not be known better than V² times this. */
const SMALL = 0.05;

/**
 * Gradients of tasks at each point, in rounds that double their number, until intervals are as narrow as asked for, there are as many tasks as allowed,
 * or the next round would be more than what is left of the budget.
 *
 * @throws if a gradient of the target is not finite or all are zero, or the budget is too small for an interval
 */
export async function sampleAll(plan: SamplingPlan, pauses: Pauses): Promise<Sampled> {
  const { points, tasks, by, most, left, leaves, perLeaf, blockSize } = plan,
    samples = points.map(() => new PointSample(plan.candidates.length, leaves, perLeaf, blockSize)),
    least = by === "points" ? 1 : 2,
    started = performance.now();
  let counts = noCounts,
    one = 0;
  const seconds = () => (performance.now() - started) / 1000;
  const before = left();
  const done = () => samples.reduce((sum, sample) => sum + sample.tasks, 0);
  const fits = (evaluated: number): boolean => evaluated * one <= before.evaluations && (seconds() / done()) * evaluated <= before.seconds;
  let example: { theta: HostTree; task: HostTree } | undefined;
  for (let n = least; ; n = Math.min(most, 2 * n)) {
    for (const [k, point] of points.entries()) {
      for (let i = samples[k].tasks; i < n; i++) {
        const task = await tasks.at(k, i),
          found = await plan.panel.at(point.theta, task, pauses);
        example ??= { theta: point.theta, task };
        counts = addCounts(counts, found.estimate.counts);
        one = evaluations(found.estimate.counts);
        if (!Number.isFinite(found.loss))
          fail("diagnose", "needs outer losses that are finite", `${found.loss} after ${point.step} outer steps, for task ${i}`);
        samples[k].add(gradientsOf(plan, found.target, found.candidates, point.step, i));
        if (n === least && !fits(least * points.length)) tooLittle(plan, before, { one, seconds: seconds() / done() }, least);
      }
      plan.progress?.(`${n} ${n === 1 ? "task" : "tasks"} at point ${k + 1} of ${points.length}`);
    }
    if (n === least) checkNotZero(plan, samples);
    const ended = n >= most || by === "points" ? ("tasks" as const) : isNarrow(plan, samples, n) ? ("precision" as const) : undefined;
    if (ended ?? !fits(Math.min(most, 2 * n) * points.length)) {
      for (const sample of samples) sample.close();
      return { samples, counts, ended: ended ?? "budget", example: example! };
    }
  }
}

/** Says what an interval would need. */
function tooLittle(
  { points, tooLittle: refuse }: SamplingPlan,
  left: ReturnType<SamplingPlan["left"]>,
  each: { one: number; seconds: number },
  least: number,
): never {
  const n = least * points.length,
    where = `${least === 1 ? "one task" : "two tasks"} at ${points.length === 1 ? "θ₀" : `each of ${points.length} θ`}`,
    few = n * each.one > left.evaluations;
  if (few && refuse) return refuse(n * each.one);
  return fail(
    `diagnose's budget.${few ? "evaluations" : "seconds"}`,
    `must allow ${where}, about ${few ? Math.ceil(n * each.one) : Number((n * each.seconds).toPrecision(2))}${points.length === 1 ? "" : " beside the run along which they lie"}`,
    `${few ? Math.max(0, left.evaluations) : Number(Math.max(0, left.seconds).toPrecision(2))} that are left`,
  );
}

/** The gradients of the target and the candidates, for a sample. @throws if one is not finite */
function gradientsOf(
  { candidates, leaves }: SamplingPlan,
  target: Parameters<PointSample["add"]>[0][number],
  found: Parameters<PointSample["add"]>[0],
  step: number,
  task: number,
): Parameters<PointSample["add"]>[0] {
  const zero = new Array<undefined>(leaves).fill(undefined);
  let next = 0;
  const all = [target, ...candidates.map(({ estimator }) => (estimator ? found[next++] : zero))];
  all.forEach((gradient, i) => {
    if (!isFiniteGradient(gradient))
      fail(
        "diagnose",
        "compares gradients that are finite (a smaller inner rate, fewer inner steps or another θ; or leave that candidate out)",
        `one by ${i === 0 ? "exact" : candidates[i - 1].name} that is not, after ${step} outer steps, for task ${task}`,
      );
  });
  return all;
}

/** The sums over all points with their resamples, of all of θ. */
const look = ({ candidates, by, seed }: SamplingPlan, samples: readonly PointSample[], n: number): Resampled =>
  resampled(samples, { length: candidates.length * KINDS, count: LOOK, by, random: stream(seed, "diagnosis's look", n) });

function checkNotZero({ candidates }: SamplingPlan, samples: readonly PointSample[]): void {
  const own = new Float64Array(candidates.length * KINDS);
  for (const sample of samples) sample.addMeans(own, new Float64Array(own.length), undefined, true, 1 / samples.length);
  if (own[0] === 0)
    fail(
      "diagnose",
      "needs an exact gradient that is not zero: θ must reach the outer loss",
      "one that is zero for every task and θ looked at",
    );
}

/** Whether the intervals of V² and of every D² are as narrow as asked for. */
function isNarrow(plan: SamplingPlan, samples: readonly PointSample[], n: number): boolean {
  const { candidates, precision } = plan;
  // Of fewer tasks intervals are too unsure themselves.
  if (n < 8) return false;
  const seen = look(plan, samples, n);
  return candidates.every((_, i) => {
    const v2 = quantity(seen, means => momentsOf(means, candidates.length, i).v2),
      d2 = quantity(seen, means => momentsOf(means, candidates.length, i).d2),
      half = ({ low, high }: typeof d2) => (high - low) / 2;
    return half(v2) <= precision * v2.value && half(d2) <= precision * Math.max(d2.value, SMALL * v2.value);
  });
}
