import { fail } from "./error.js";
import { isHostArray } from "./host.js";
import * as np from "./np/index.js";
import type { HostArray } from "./types.js";
import { showType } from "./types.js";
import { Value } from "./value.js";

/** A tree of values: a value itself, or objects and lists of trees. */
export type ValueTree = Value | readonly ValueTree[] | { readonly [key: string]: ValueTree };

/** The tree of values that stands for a tree of host arrays while tracing. */
export type Traced<T> = T extends HostArray ? Value : { -readonly [K in keyof T]: Traced<T[K]> };

export type Leaf = Value | HostArray;
export const isLeaf = (x: unknown): x is Leaf => Value.is(x) || isHostArray(x);

const describe = (x: unknown): string =>
  isLeaf(x)
    ? showType(x)
    : Array.isArray(x)
      ? `a list of ${x.length}`
      : typeof x === "object" && x !== null
        ? `{ ${Object.keys(x).join(", ")} }`
        : typeof x === "string"
          ? JSON.stringify(x)
          : String(x);

/** Every leaf with its path, `layers.0.w`, in order. @throws on anything that is neither a leaf nor an object or list */
export function paths(who: string, tree: unknown, at = ""): [string, Leaf][] {
  if (isLeaf(tree)) return [[at, tree]];
  if (typeof tree !== "object" || tree === null) fail(who, `must be a tree of arrays${at ? ` (at ${at})` : ""}`, describe(tree));
  return Object.entries(tree).flatMap(([k, v]) => paths(who, v, at ? `${at}.${k}` : k));
}

/** The tree with each leaf replaced, walking others of the same structure beside it. @throws where a structure differs */
export function mapTree<R>(who: string, f: (leaves: Leaf[], path: string) => R, trees: readonly unknown[], at = ""): unknown {
  const [first] = trees;
  if (isLeaf(first)) {
    const odd = trees.find(t => !isLeaf(t));
    if (odd !== undefined || trees.some(t => t === undefined))
      fail(who, `needs trees of one structure (an array at ${at || "the top"})`, describe(odd));
    return f(trees as Leaf[], at);
  }
  if (typeof first !== "object" || first === null) fail(who, `must be a tree of arrays${at ? ` (at ${at})` : ""}`, describe(first));
  const keys = Object.keys(first);
  for (const t of trees) {
    if (
      isLeaf(t)
      || typeof t !== "object"
      || t === null
      || Array.isArray(t) !== Array.isArray(first)
      || Object.keys(t).length !== keys.length
      || !keys.every(k => k in t)
    ) {
      fail(who, `needs trees of one structure (${describe(first)}${at ? ` at ${at}` : ""})`, describe(t));
    }
  }
  const child = (k: string) =>
    mapTree(
      who,
      f,
      trees.map(t => (t as Record<string, unknown>)[k]),
      at ? `${at}.${k}` : k,
    );
  return Array.isArray(first) ? keys.map(child) : Object.fromEntries(keys.map(k => [k, child(k)]));
}

/** Applies `f` leaf by leaf to trees of one structure. @throws where the structures differ */
export function map<T extends ValueTree>(f: (...leaves: Value[]) => Value, t: T, ...rest: NoInfer<T>[]): T {
  return mapTree("tree.map", leaves => f(...(leaves as Value[])), [t, ...rest]) as T;
}

/** The leaves of a tree, in order. */
export const leaves = (t: ValueTree): Value[] => paths("tree.leaves", t).map(([, v]) => v as Value);

/** Zeros of the same shapes. */
export const zerosLike = <T extends ValueTree>(t: T): T => map(np.zerosLike, t);

const total = (terms: Value[]): Value => terms.reduce((a, b) => a.add(b), terms.length ? (terms.shift() as Value) : np.zeros([]));

/** Sum of the squares of all elements of all leaves: ‖t‖². */
export const sumSquares = (t: ValueTree): Value => total(leaves(t).map(v => v.mul(v).sum()));

/** Inner product ⟨a, b⟩ over all elements of all leaves. */
export function dot<T extends ValueTree>(a: T, b: NoInfer<T>): Value {
  const terms: Value[] = [];
  map(
    (x, y) => {
      terms.push(x.mul(y).sum());
      return x;
    },
    a,
    b,
  );
  return total(terms);
}

export { describe as describeTree };
