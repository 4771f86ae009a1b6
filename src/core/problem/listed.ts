import { fail } from "../../tensor/error.js";
import { describeTree } from "../../tensor/tree.js";
import type { HostArray, HostTree, TreeOf } from "../../tensor/types.js";

const brand = Symbol.for("ufom.listed");

/** Tasks that are there from the beginning and have numbers; made by {@link listed}. */
export interface ListedTasks<TK = HostTree> {
  readonly [brand]: readonly TK[];
}

/**
 * A numbered list of n tasks, T₀ … T_{n−1}: place i of the meta-batch of outer step k = 1, 2, … has the task (k − 1 + i) mod n. A meta-batch of one
 * takes them in turn, a meta-batch of n all of them at every step. `defineProblem` takes their numbers as they are then.
 *
 * @param tasks trees of host arrays of one structure, shapes and dtypes; at least one
 * @throws if there is none
 *
 * @example
 * const task = listed([{ x: f32([1, 2]) }, { x: f32([3, 4]) }]);
 */
export function listed<TK extends TreeOf<HostArray, TK>>(tasks: readonly TK[]): ListedTasks<TK> {
  const given: unknown = tasks;
  if (!Array.isArray(given) || given.length === 0) fail("listed", "takes a list of at least one task", describeTree(given));
  return { [brand]: [...tasks] };
}

/** The tasks of a list, or nothing for any other way to get tasks. */
export const tasksOf = <TK>(task: unknown): readonly TK[] | undefined =>
  typeof task === "object" && task !== null && brand in task ? (task as ListedTasks<TK>)[brand] : undefined;

/** The number of the task at a place of an outer step's meta-batch. */
export const numberAt = (count: number, step: number, index: number): number => (step - 1 + index) % count;
