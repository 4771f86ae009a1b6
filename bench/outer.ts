// The bench's outer loops, in ufom.
import { adam, hypergradient, solve, type HostTree, type Problem } from "../src/index.js";
import type { OuterCase } from "./cases.js";
import { prepare, sinusoid, type Prepared } from "./problems.js";

/** Steps in a row, as the peers scan them, and how often. */
const ROW = 200,
  ROWS = 20;
/** Steps before a row that is timed: a run learns from its first ones how long a row may be. */
const BEFORE = 20;

/** An outer loop whose steps are timed: one at a time, in rows, or only their gradient. */
export async function prepareOuter(c: OuterCase): Promise<Prepared> {
  if (c.mode === "gradient") return prepare({ ...c, problem: "sinusoid", estimator: c.estimator === "exact" ? "exact" : "first-order" });
  const { problem, theta, tasks } = sinusoid(c),
    any = problem as unknown as Problem,
    { estimator } = c,
    nothing = { calls: [], flops: 0 };
  if (c.mode === "hypergradient")
    return { ...nothing, run: async () => (await hypergradient(any, { estimator, theta, task: tasks[0] })).gradient };
  const start = (outerSteps: number) => solve(any, { estimator, outer: adam(1e-5), outerSteps, metaBatch: c.tasks, seed: 1 });
  const none: HostTree = [];
  if (c.mode === "step") {
    const steps = start(Number.MAX_SAFE_INTEGER)[Symbol.asyncIterator]();
    return {
      ...nothing,
      run: async () => {
        await steps.next();
        return none;
      },
    };
  }
  // One row of many tasks takes as long as all of one task's.
  const rows = Math.ceil(ROWS / c.tasks),
    time = async (): Promise<number> => {
      const run = start(BEFORE + ROW * rows),
        steps = run[Symbol.asyncIterator]();
      for (let k = 0; k < BEFORE; k++) await steps.next();
      const started = performance.now();
      await run.result();
      return (performance.now() - started) / 1000 / (ROW * rows);
    };
  const run = async () => {
    await time();
    return none;
  };
  return { ...nothing, run, time };
}
