import { fail } from "../../tensor/error.js";
import type { HostTree } from "../../tensor/types.js";
import type { Estimator } from "../estimators/estimator.js";
import type { Problem } from "../problem/problem.js";
import { leavesWithPaths } from "../trees/host-tree.js";

/** Whether two trees of the same types have the same numbers. */
export const same = (a: HostTree, b: HostTree): boolean => {
  if (a === b) return true;
  const others = new Map(leavesWithPaths(b));
  return leavesWithPaths(a).every(([path, { data }]) => {
    const other = others.get(path)?.data;
    return data === other || (other !== undefined && data.every((x, i) => Object.is(x, other[i])));
  });
};

/** How a problem gets its tasks. */
type Tasks = Pick<Problem, "carry" | "tasks" | "sampler">;

/**
 * What refuses the tasks of a run whose estimator goes on from where it left one inner problem: several at once, and any that is not the first.
 *
 * @param first the task of the first outer step
 * @returns called with every task; it does nothing for other estimators
 * @throws UfomError for a meta-batch of several tasks, and for tasks that are drawn
 */
export function taskGuard({ name, facts }: Estimator, problem: Tasks, first: HostTree, metaBatch: number): (task: HostTree) => void {
  const { carry, tasks, sampler } = problem,
    drawn = sampler !== undefined;
  if (carry && tasks !== undefined && metaBatch > tasks)
    fail(
      name,
      "goes on from where it left each task, so a meta-batch has each of them once",
      `a meta-batch of ${metaBatch} of ${tasks} tasks`,
    );
  if (!facts.oneTask) return () => {};
  const list = carry ? ", or a numbered list of them (task: listed([…]))" : "",
    rule = `goes on from where it left its one inner problem, so it needs the same task at every outer step${list}`;
  if (metaBatch > 1) fail(name, rule, `a meta-batch of ${metaBatch}`);
  if (drawn) fail(name, rule, "tasks that a program draws");
  return task => {
    if (!same(first, task)) fail(name, rule, "a task with other numbers than the first");
  };
}
