import { certain, hypergradient, np } from "ufom";
import type { Definition, Estimator, Executor, FloatType, HostTree, InnerState, Problem, Value, ValueTree } from "ufom";
import type { Model } from "./networks.js";
import { logits } from "./networks.js";
import { networkAt } from "./problem.js";
import type { Task } from "./tasks.js";

/** Where programs run. */
export interface Where {
  readonly executor: Executor;
  readonly dtype: FloatType;
}

/** The share of the query images whose largest logit is that of their class; of equal ones the first counts. */
export const shareOfRight = (scores: Value, y: Value): Value => np.argmax(scores, -1).equal(y).astype(np.float32).mean();

/** Scores of the query images by a function of images and of how many of them, from the first, statistics are taken. */
export function queryScores(of: (x: Value, reference?: number) => Value, { support, query }: Task<Value>, transductive: boolean): Value {
  if (transductive) return of(query.x);
  const [n] = support.x.shape;
  return np.slice(of(np.concatenate([support.x, query.x]), n), [n, null]);
}

/** (θ, x, T) ↦ the share of the query images that the network at φ classifies rightly. */
const accuracyAt = (model: Model, transductive: boolean): Definition => ({
  name: transductive ? "accuracy" : "accuracy by the support's statistics",
  args: { theta: "theta", x: "x", task: "task" },
  of:
    () =>
    (theta: ValueTree, { phi }: InnerState, task: Task<Value>) => {
      const network = networkAt(theta, phi);
      return [
        shareOfRight(
          queryScores((x, reference) => logits(model, network, x, reference), task, transductive),
          task.query.y,
        ),
      ];
    },
});

/** Where accuracies are taken: after how many inner steps, and how query images are normalized. */
export interface Moment {
  readonly steps: number;
  readonly transductive: boolean;
}

/**
 * Runs the inner loop and takes accuracies on the way: no gradient, but in the form of an estimator, so that a batch of tasks is one routine, and threads
 * share them.
 * @param moments by ascending steps
 */
export function measuring(model: Model, moments: readonly Moment[]): Estimator<null> {
  const definitions = { true: accuracyAt(model, true), false: accuracyAt(model, false) } as const;
  return {
    name: `accuracy:${moments.map(({ steps, transductive }) => `${steps}${transductive ? "t" : ""}`).join(",")}`,
    facts: { bias: "none", random: false, states: () => 1 },
    init: () => null,
    draw: () => certain,
    async evaluate(at) {
      const { machine, theta, task } = at,
        shares = [];
      let x = await at.init(),
        done = 0;
      for (const { steps, transductive } of moments) {
        if (steps > done) x = await at.unroll(x, done + 1, steps);
        done = steps;
        shares.push(...(await machine.run(definitions[`${transductive}`], theta, x, task)));
      }
      return { loss: shares[0], gradient: [], carry: { shares } };
    },
  };
}

/** Tasks of a call: enough for several threads, and not much memory. */
const atOnce = 20;

/** What is measured: on which problem, from which θ, and by what. */
export interface Measured {
  readonly problem: Problem;
  readonly theta: HostTree;
  readonly estimator: Estimator<null>;
  /** The most inner steps of its moments. */
  readonly steps: number;
}

/**
 * The accuracies of each task at each moment: one list a moment.
 * @param task draws task i
 */
export async function accuraciesOf(
  { problem, theta, estimator, steps }: Measured,
  count: number,
  task: (i: number) => HostTree,
  where: Where,
): Promise<number[][]> {
  const found: number[][] = [];
  for (let first = 0; first < count; first += atOnce) {
    const tasks = Array.from({ length: Math.min(atOnce, count - first) }, (_, i) => task(first + i)),
      { estimates } = await hypergradient(problem, { theta, tasks, estimator, innerSteps: steps, ...where });
    for (const { carry } of estimates) carry.shares.forEach(({ data }, moment) => (found[moment] ??= []).push(data[0]));
  }
  return found;
}

/** A mean and half of its 95 % interval, 1.96 standard errors. */
export interface Interval {
  readonly mean: number;
  readonly half: number;
}

export function intervalOf(values: readonly number[]): Interval {
  const n = values.length,
    mean = values.reduce((sum, x) => sum + x, 0) / n,
    squares = values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return { mean, half: 1.96 * Math.sqrt(squares / Math.max(1, n - 1) / n) };
}
