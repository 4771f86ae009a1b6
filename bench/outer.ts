// The bench's outer loops, in ufom.
import { adam, hypergradient, solve, type HostTree } from "../src/index.js";
import type { Case, OuterCase } from "./cases.js";
import type { UfomOptions } from "./party.js";
import { prepare, problemOf, type Prepared } from "./problems.js";
import { now } from "./timing.js";

/** Steps in a row, as the peers scan them, and how often. */
const ROW = 200,
  ROWS = 20;
/** Steps before a row that is timed: a run learns from its first ones how long a row may be. */
const BEFORE = 20;
const nothing = { calls: [], flops: 0 };

/** Outer steps of `solve`, one at a time, as someone who looks at every loss takes them. */
function steps(c: Case, options: UfomOptions) {
  const { problem, estimator } = problemOf(c),
    outerSteps = Number.MAX_SAFE_INTEGER;
  return solve(problem, { estimator, outer: adam(1e-5), outerSteps, metaBatch: c.tasks, seed: 1, ...options })[Symbol.asyncIterator]();
}

/** A gradient with options of the package's functions: computed once by `hypergradient`, timed as outer steps of `solve`, which keep what they need. */
export function prepareOptional(c: Case, options: UfomOptions): Prepared {
  const { problem, theta, tasks, estimator } = problemOf(c);
  let run: ReturnType<typeof steps> | undefined;
  return {
    ...nothing,
    run: async () => (await hypergradient(problem, { estimator, theta, tasks, ...options })).gradient,
    time: async () => {
      run ??= steps(c, options);
      const started = now();
      await run.next();
      return (now() - started) / 1000;
    },
  };
}

/** An outer loop whose steps are timed: one at a time, in rows, or only their gradient. */
export async function prepareOuter(c: OuterCase, options: UfomOptions): Promise<Prepared> {
  if (c.mode === "gradient") return prepare(c);
  const { problem, theta, tasks, estimator } = problemOf(c);
  if (c.mode === "hypergradient")
    return { ...nothing, run: async () => (await hypergradient(problem, { estimator, theta, task: tasks[0], ...options })).gradient };
  const none: HostTree = [];
  if (c.mode === "step") {
    const each = steps(c, options);
    return {
      ...nothing,
      run: async () => {
        await each.next();
        return none;
      },
    };
  }
  // One row of many tasks takes as long as all of one task's.
  const row = c.settings.rows ?? ROW,
    rows = c.settings.rows ? 1 : Math.ceil(ROWS / c.tasks),
    before = Math.min(BEFORE, row),
    time = async (): Promise<number> => {
      const outerSteps = before + row * rows,
        run = solve(problem, { estimator, outer: adam(1e-5), outerSteps, metaBatch: c.tasks, seed: 1, ...options }),
        each = run[Symbol.asyncIterator]();
      for (let k = 0; k < before; k++) await each.next();
      const started = now();
      await run.result();
      return (now() - started) / 1000 / (row * rows);
    };
  const run = async () => {
    await time();
    return none;
  };
  return { ...nothing, run, time };
}
