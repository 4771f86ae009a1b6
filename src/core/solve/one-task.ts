import { fail } from "../../tensor/error.js";
import type { HostTree } from "../../tensor/types.js";
import type { Estimator } from "../estimators/estimator.js";
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

/**
 * What refuses the tasks of a run whose estimator goes on from where it left one inner problem: several at once, and any that is not the first.
 *
 * @param drawn whether a program draws the tasks, each anew
 * @returns called with every task; it does nothing for other estimators
 * @throws UfomError for a meta-batch of several tasks, and for tasks that are drawn
 */
export function taskGuard({ name, facts }: Estimator, first: HostTree, metaBatch: number, drawn: boolean): (task: HostTree) => void {
  if (!facts.oneTask) return () => {};
  const rule = "goes on from where it left its one inner problem, so it needs the same task at every outer step";
  if (metaBatch > 1) fail(name, rule, `a meta-batch of ${metaBatch}`);
  if (drawn) fail(name, rule, "tasks that a program draws");
  return task => {
    if (!same(first, task)) fail(name, rule, "a task with other numbers than the first");
  };
}
