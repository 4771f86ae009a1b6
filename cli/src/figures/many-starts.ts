import { defineProblem, np, random, sampled } from "ufom";
import type { HostArray, Problem, Random, Value } from "ufom";
import type { ScalarProblem } from "../problems/toy/family.js";
import type { Starts } from "../problems/toy/problem.js";
import { loss } from "../problems/toy/problem.js";

/** θ of a batch: [rates, probabilities, starts], each number a descent of its own. */
export type Extents = readonly [rates: number, probabilities: number, starts: number];

/** Uniform numbers in [0, 1), one for each start; the same at all rates and probabilities. */
export interface Draws {
  /** Below ½ the first of the two tasks, else the second. */
  readonly task: HostArray;
  /** Below q: the exact gradient is taken. */
  readonly coin: HostArray;
}

export type ManyStarts = Problem<{ x: HostArray }, Draws>;

/** A scalar problem from many starts, at several inner step sizes and coins. */
export interface Batch {
  readonly scalar: ScalarProblem;
  /** Inner step sizes, in place of the problem's own. */
  readonly rates?: readonly number[];
  readonly extents: Extents;
  readonly starts: Starts;
}

export const float64 = (shape: readonly number[], data: Float64Array): HostArray => ({ shape: [...shape], dtype: "float64", data });

/** θ₀: a number for each start, uniform in the range, the same at all rates and probabilities. */
function startsOf({ extents, starts: { low, high } }: Batch, draws: Random): HostArray {
  const each = Float64Array.from({ length: extents[2] }, () => low + (high - low) * draws.next()),
    all = new Float64Array(extents[0] * extents[1] * extents[2]);
  for (let at = 0; at < all.length; at += each.length) all.set(each, at);
  return float64(extents, all);
}

/** The draws by which every start has the first task, and those by which every start has the second. */
export function bothTasks([, , starts]: Extents): readonly [Draws, Draws] {
  const all = (draw: number): Draws => {
    const draws = float64([1, 1, starts], new Float64Array(starts).fill(draw));
    return { task: draws, coin: draws };
  };
  return [all(0.25), all(0.75)];
}

/** f of the task that each start drew, at the start's own x. The draws pick the task's parameters, which are float64 whatever the draws are. */
export const lossByStart =
  ({ tasks: [first, second] }: Pick<ScalarProblem, "tasks">) =>
  (x: Value, task: Value): Value => {
    const drawn = (key: "a" | "b" | "width"): Value => np.where(task.less(0.5), first[key], second[key]);
    return loss(x, { a: drawn("a"), b: drawn("b"), width: drawn("width") });
  };

/**
 * The scalar problem for a batch: θ and φ are arrays, and a loss is the sum over all of their numbers. No start sees another, so each number of a
 * hypergradient is that of its own start.
 */
export function manyStarts(batch: Batch): ManyStarts {
  const { scalar, rates, extents } = batch,
    perStart = [1, 1, extents[2]],
    each = lossByStart(scalar);
  return defineProblem({
    name: "the scalar problem from many starts",
    theta: (draws: Random) => ({ x: startsOf(batch, draws) }),
    task: sampled(key => ({
      task: random.uniform(random.foldIn(key, 0), perStart),
      coin: random.uniform(random.foldIn(key, 1), perStart),
    })),
    init: theta => theta.x,
    inner: {
      loss: (_, x, { task }) => each(x, task).sum(),
      rate: rates === undefined ? scalar.loop.rate : () => np.array(float64([rates.length, 1, 1], Float64Array.from(rates))),
      steps: scalar.loop.steps,
    },
    outer: (_, x, { task }) => each(x, task).sum(),
  });
}
