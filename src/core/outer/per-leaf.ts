import { fail } from "../../tensor/error.js";
import { describeTree, paths, type ValueTree } from "../../tensor/tree.js";
import { Value } from "../../tensor/value.js";
import { checkPattern, matches } from "./patterns.js";
import type { OuterTransform } from "./transform.js";
import { initOf, updateOf } from "./update.js";

/**
 * A transform for each part of θ: a leaf goes to the first pattern that its path matches, and a transform sees its own leaves only, also in norms.
 * Paths are spelled `layers.0.w`; in a pattern, `*` stands for any number of their parts, also for none. The patterns are looked at in the order of
 * the object's keys, so that `"*"` comes last and is what is left.
 *
 * @example
 * const outer = perLeaf({ "net.*": adam(1e-3), rate: sgd(1e-2) });
 *
 * Source: `optax.multi_transform`, whose labels the patterns stand for.
 *
 * @param transforms by pattern, at least one
 * @throws if there is none, or `*` is a part of a name; when it gets θ: if a leaf matches no pattern, or a pattern gets no leaf
 */
export function perLeaf(transforms: Readonly<Record<string, OuterTransform>>): OuterTransform<readonly ValueTree[]> {
  const entries = Object.entries(transforms),
    patterns = entries.map(([pattern]) => pattern);
  if (entries.length === 0) fail("perLeaf", "wants at least one pattern", "none");
  for (const [pattern, transform] of entries) {
    checkPattern("perLeaf", pattern);
    if (typeof transform?.update !== "function")
      fail("perLeaf", `wants an outer transform for ${JSON.stringify(pattern)}`, describeTree(transform));
  }

  /** For each leaf of θ by its path, the number of its transform. */
  const groupsOf = (theta: ValueTree): ReadonlyMap<string, number> => {
    const names = paths("θ", theta).map(([path]) => path),
      groups = new Map(names.map(name => [name, patterns.findIndex(pattern => matches(pattern, name))]));
    const lost = names.find(name => groups.get(name) === -1),
      idle = patterns.find((_, i) => ![...groups.values()].includes(i));
    if (lost !== undefined) fail("perLeaf", `needs a pattern for every leaf of θ (${lost || "the array"})`, patterns.join(", "));
    if (idle !== undefined) fail("perLeaf", `needs a leaf of θ for every pattern (${idle}, after those before it)`, names.join(", "));
    return groups;
  };

  return {
    name: `perLeaf({ ${entries.map(([pattern, { name }]) => `${pattern}: ${name}`).join(", ")} })`,
    init: theta => {
      const groups = groupsOf(theta);
      return entries.map(([, transform], i) =>
        initOf(
          transform,
          part(theta, path => groups.get(path) === i),
        ),
      );
    },
    update(gradient, states, theta, step, loss, share) {
      const groups = groupsOf(theta);
      const steps = entries.map(([, transform], i) => {
        const own = (tree: ValueTree) => part(tree, path => groups.get(path) === i);
        return updateOf(transform, own(gradient), states[i], own(theta), step, loss, share);
      });
      const updates = new Map(steps.flatMap(({ updates: tree }) => paths("updates", tree) as [string, Value][]));
      return { updates: rebuild(theta, updates), state: steps.map(({ state }) => state) };
    },
  };
}

const join = (at: string, key: string) => (at ? `${at}.${key}` : key);

/** The leaves that are chosen, under their paths: lists become objects, as they may have gaps. */
function part(tree: ValueTree, chosen: (path: string) => boolean, at = ""): ValueTree {
  if (Value.is(tree)) return tree;
  const kept: Record<string, ValueTree> = {};
  for (const [key, child] of Object.entries(tree) as [string, ValueTree][]) {
    const path = join(at, key),
      below = part(child, chosen, path);
    if (Value.is(child) ? chosen(path) : Object.keys(below).length > 0) kept[key] = below;
  }
  return kept;
}

/** A tree like another one, with leaves by their path. */
function rebuild(tree: ValueTree, leaves: ReadonlyMap<string, Value>, at = ""): ValueTree {
  if (Value.is(tree)) return leaves.get(at) as Value;
  const child = (key: string) => rebuild((tree as Readonly<Record<string, ValueTree>>)[key], leaves, join(at, key));
  return Array.isArray(tree) ? tree.map((_, i) => child(String(i))) : Object.fromEntries(Object.keys(tree).map(key => [key, child(key)]));
}
