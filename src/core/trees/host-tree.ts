import { fail } from "../../tensor/error.js";
import { isHostArray } from "../../tensor/host.js";
import { describeTree } from "../../tensor/tree.js";
import { sameShape, type HostArray, type HostTree } from "../../tensor/types.js";

/** The leaves of a tree with their paths, `layers.0.w`, in order; a lone array has the path "". */
export function leavesWithPaths(tree: HostTree, at = ""): [path: string, leaf: HostArray][] {
  if (isHostArray(tree)) return [[at, tree]];
  return Object.entries(tree).flatMap(([key, child]) => leavesWithPaths(child, join(at, key)));
}

/** The leaves of a tree, in order. */
export const leaves = (tree: HostTree): HostArray[] => leavesWithPaths(tree).map(([, leaf]) => leaf);

/** The tree with every leaf replaced; keys keep their order. */
export const mapTree = <T extends HostTree>(f: (leaf: HostArray, path: string) => HostArray, tree: T): T =>
  zipTrees("mapTree", ([leaf], path) => f(leaf, path()), tree);

/**
 * The tree with every leaf replaced, from it and the leaves of other trees in the same place.
 *
 * @param who what refuses in the message, such as `adam`
 * @throws where another tree's structure, shape or element type is not the first's
 */
export function zipTrees<T extends HostTree>(
  who: string,
  f: (leaves: readonly HostArray[], path: () => string) => HostArray,
  tree: T,
  ...others: readonly HostTree[]
): T {
  const trail: string[] = [],
    path = () => trail.join(".");
  const walk = (nodes: readonly HostTree[]): HostTree => {
    const [first] = nodes as [HostTree];
    for (let i = 1; i < nodes.length; i++)
      if (!alike(first, nodes[i]))
        fail(who, `needs trees of one structure, ${describeTree(first)}${trail.length ? ` at ${path()}` : ""}`, describeTree(nodes[i]));
    if (isHostArray(first)) return f(nodes as readonly HostArray[], path);
    return mapChildren(first, (_, key) => {
      trail.push(key);
      const child = walk(nodes.map(node => childOf(node, key)));
      trail.pop();
      return child;
    });
  };
  return walk([tree, ...others]) as T;
}

const join = (at: string, key: string): string => (at ? `${at}.${key}` : key);

const childOf = (node: HostTree, key: string): HostTree => (node as Readonly<Record<string, HostTree>>)[key];

function mapChildren(node: Exclude<HostTree, HostArray>, f: (child: HostTree, key: string) => HostTree): HostTree {
  if (Array.isArray(node)) return (node as readonly HostTree[]).map((child, i) => f(child, String(i)));
  return Object.fromEntries(Object.keys(node).map(key => [key, f(childOf(node, key), key)]));
}

/** Whether two nodes agree, apart from their children. */
function alike(a: HostTree, b: unknown): boolean {
  if (isHostArray(a)) return isHostArray(b) && a.dtype === b.dtype && sameShape(a.shape, b.shape);
  if (typeof b !== "object" || b === null || isHostArray(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a)) return a.length === (b as readonly unknown[]).length;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key));
}
