import { fail } from "../../tensor/error.js";
import { describeTree, isBranch, valuePaths, type ValueTree } from "../../tensor/tree.js";
import { sameShape } from "../../tensor/types.js";
import { Value } from "../../tensor/value.js";
import type { OuterTransform, OuterUpdate } from "./transform.js";

/** The first state of a transform. @throws if it is no tree of values */
export function initOf(transform: OuterTransform, theta: ValueTree): ValueTree {
  const state = transform.init(theta);
  valuePaths(`the state of ${transform.name}`, state);
  return state;
}

/**
 * What a transform makes of a gradient, checked: updates in the order of θ's keys and the state in that of the last one's, in whichever order
 * the transform returned them.
 *
 * @throws if it returned other trees, shapes or element types, in a sentence that names the transform and the place
 */
export function updateOf<S extends ValueTree>(
  transform: OuterTransform<S>,
  ...[gradient, state, theta, step, loss, share]: Parameters<OuterTransform<S>["update"]>
): OuterUpdate<S> {
  const { name } = transform,
    returned: unknown = transform.update(gradient, state, theta, step, loss, share);
  if (typeof returned !== "object" || returned === null || !("updates" in returned && "state" in returned))
    return fail(name, "must return { updates, state } from update", describeTree(returned));
  return {
    updates: like(`${name}'s update`, "like θ", "updates", gradient, returned.updates),
    state: like(`${name}'s update`, "as it was given", "state", state, returned.state) as S,
  };
}

/** A tree in the order of another one's keys. @throws if it is not like that one in structure, shapes and element types */
function like(who: string, how: string, path: string, wanted: ValueTree, got: unknown): ValueTree {
  const refuse = (): never => fail(who, `must return ${describeTree(wanted)} as ${path}, ${how}`, describeTree(got));
  if (Value.is(wanted)) return Value.is(got) && got.dtype === wanted.dtype && sameShape(got.shape, wanted.shape) ? got : refuse();
  if (!isBranch(got) || Array.isArray(got) !== Array.isArray(wanted)) return refuse();
  const keys = Object.keys(wanted);
  if (Object.keys(got).length !== keys.length || !keys.every(key => Object.hasOwn(got, key))) return refuse();
  const child = (key: string) => like(who, how, `${path}.${key}`, (wanted as Readonly<Record<string, ValueTree>>)[key], got[key]);
  return Array.isArray(wanted) ? keys.map(child) : Object.fromEntries(keys.map(key => [key, child(key)]));
}
