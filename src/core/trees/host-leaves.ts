import { fail } from "../../tensor/error.js";
import { carriesItsType, checkHostArray, inDType, isHostArray } from "../../tensor/host.js";
import { isType, mapTypes } from "../../tensor/trace.js";
import { paths } from "../../tensor/tree.js";
import type { HostArray, HostTree, Type } from "../../tensor/types.js";
import { allocate, sameShape, showType } from "../../tensor/types.js";

/** float32 data serve a float64 trace, and float64 data a float32 one. */
const fits = (a: Type, type: Type) =>
  sameShape(a.shape, type.shape) && (a.dtype === type.dtype || (a.dtype.startsWith("float") && type.dtype.startsWith("float")));

/** The fast way of `flattenLike`: appends the leaves of a tree that equals a tree of types in structure, shapes and dtypes; false if it does not. */
function appendLeaves(types: unknown, tree: unknown, out: HostArray[]): boolean {
  if (isType(types)) {
    if (!isHostArray(tree) || tree.dtype !== types.dtype || !sameShape(tree.shape, types.shape) || !carriesItsType(tree)) return false;
    out.push(tree);
    return true;
  }
  if (typeof tree !== "object" || tree === null || isHostArray(tree)) return false;
  const keys = Object.keys(types as object);
  if (Object.keys(tree).length !== keys.length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(tree, key)) return false;
    if (!appendLeaves((types as Record<string, unknown>)[key], (tree as Record<string, unknown>)[key], out)) return false;
  }
  return true;
}

/** Whether a tree of host arrays has the structure, shapes and dtypes of a tree of types. */
export function hasTypes(types: unknown, tree: unknown): boolean {
  if (isType(types)) return isHostArray(tree) && tree.dtype === types.dtype && sameShape(tree.shape, types.shape);
  if (typeof tree !== "object" || tree === null || isHostArray(tree) || Array.isArray(tree) !== Array.isArray(types)) return false;
  const keys = Object.keys(types as object);
  if (Object.keys(tree).length !== keys.length) return false;
  for (const key of keys)
    if (!Object.hasOwn(tree, key) || !hasTypes((types as Record<string, unknown>)[key], (tree as Record<string, unknown>)[key]))
      return false;
  return true;
}

/**
 * The leaves of a tree in the order of a tree of types, in those types.
 * @throws if the tree has another structure or other shapes
 */
export function flattenLike(who: string, types: unknown, tree: HostTree): HostArray[] {
  const quick: HostArray[] = [];
  if (appendLeaves(types, tree, quick)) return quick;
  const given = new Map(paths(who, tree)),
    names = [...given.keys()].join(", "),
    out: HostArray[] = [];
  mapTypes(types, (type, path) => {
    const leaf = given.get(path) as HostArray | undefined,
      at = path || "the array";
    if (!leaf) return fail(who, `must have ${at}: ${showType(type)}`, names ? `{ ${names} }` : "an array");
    if (!fits(leaf, type)) return fail(who, `must keep ${at} at ${showType(type)}`, showType(leaf));
    checkHostArray(who, leaf, path);
    given.delete(path);
    return out.push(inDType(who, leaf, type.dtype, path));
  });
  for (const path of given.keys()) fail(who, "must have the same tree", `also ${path}`);
  return out;
}

/** A tree like a tree of types, from leaves in order; what is missing is zero. */
export function rebuildLike(types: unknown, leaves: readonly (HostArray | undefined)[]): HostTree {
  let i = 0;
  const build = (node: unknown): HostTree => {
    if (isType(node)) return leaves[i++] ?? { shape: node.shape, dtype: node.dtype, data: allocate(node) };
    if (Array.isArray(node)) return node.map(build);
    return Object.fromEntries(Object.entries(node as object).map(([key, child]) => [key, build(child)]));
  };
  return build(types);
}
