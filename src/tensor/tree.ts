import { fail } from "./error.js";
import { isHostArray } from "./host.js";
import * as np from "./np/index.js";
import type { HostArray, HostTree, Tree, TreeOf } from "./types.js";
import { sameShape, showType } from "./types.js";
import { Value } from "./value.js";

/** A tree of values: a value itself, or objects and lists of trees. */
export type ValueTree = Tree<Value>;

/** The tree of values that stands for a tree of host arrays while tracing; any tree for HostTree itself, whose recursion has no end. */
export type Traced<T> = HostTree extends T ? ValueTree : T extends HostArray ? Value : { -readonly [K in keyof T]: Traced<T[K]> };

export type Leaf = Value | HostArray;
export const isLeaf = (x: unknown): x is Leaf => Value.is(x) || isHostArray(x);

/** Whether a node of a tree has children: objects and lists do, arrays of numbers and null do not. */
export const isBranch = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && !isLeaf(x) && !ArrayBuffer.isView(x) && !(x instanceof Promise);

/** A node of a tree, as a refusal names it. */
export function describeTree(x: unknown): string {
  if (isLeaf(x)) return showType(x);
  if (Array.isArray(x)) return `a list of ${x.length}`;
  if (x instanceof Promise) return "a promise";
  if (ArrayBuffer.isView(x)) return `a ${x.constructor.name} (f32, f64, i32 make arrays with a shape)`;
  if (isBranch(x)) return `{ ${Object.keys(x).join(", ")} }`;
  return typeof x === "function" ? "a function" : typeof x === "string" ? JSON.stringify(x) : String(x);
}

const place = (at: string) => (at ? ` (at ${at})` : "");
const below = (at: string, key: string) => (at ? `${at}.${key}` : key);

/** Every leaf with its path, `layers.0.w`, in order. @throws on anything that is neither a leaf nor an object or list */
export function paths(who: string, tree: unknown, at = ""): [string, Leaf][] {
  if (isLeaf(tree)) return [[at, tree]];
  if (!isBranch(tree)) return fail(who, `must be a tree of arrays${place(at)}`, describeTree(tree));
  return Object.entries(tree).flatMap(([k, v]) => paths(who, v, below(at, k)));
}

/** The same of a tree that must hold values only. @throws on host arrays too */
export function valuePaths(who: string, tree: unknown): [string, Value][] {
  return paths(who, tree).map(([at, leaf]) => [at, valueOf(who, leaf, at)]);
}
const valueOf = (who: string, leaf: Leaf, at: string): Value =>
  Value.is(leaf)
    ? leaf
    : fail(who, `must be a tree of traced values${place(at)}, and np.array makes one of a host array`, `a host array ${showType(leaf)}`);

/** The tree with each leaf replaced, walking others of the same structure beside it. @throws where a structure differs */
export function mapTree<R>(who: string, f: (leaves: Leaf[], path: string) => R, trees: readonly unknown[], at = ""): unknown {
  const [first, ...rest] = trees;
  if (isLeaf(first)) {
    for (const t of rest) if (!isLeaf(t)) fail(who, `needs trees of one structure (an array${at ? ` at ${at}` : ""})`, describeTree(t));
    return f(trees as Leaf[], at);
  }
  if (!isBranch(first)) return fail(who, `must be a tree of arrays${place(at)}`, describeTree(first));
  const keys = Object.keys(first);
  const alike = (t: unknown): t is typeof first =>
    isBranch(t)
    && Array.isArray(t) === Array.isArray(first)
    && Object.keys(t).length === keys.length
    && keys.every(k => Object.hasOwn(t, k));
  for (const t of rest)
    if (!alike(t)) fail(who, `needs trees of one structure (${describeTree(first)}${at ? ` at ${at}` : ""})`, describeTree(t));
  const child = (k: string) => {
    const children = trees.map(t => (t as typeof first)[k]);
    return mapTree(who, f, children, below(at, k));
  };
  return Array.isArray(first) ? keys.map(child) : Object.fromEntries(keys.map(k => [k, child(k)]));
}

/** Applies f leaf by leaf to trees of one structure: a tree like the first. @throws where the structures differ */
export function map<T extends TreeOf<Value, T>>(f: (...leaves: Value[]) => Value, t: T, ...rest: NoInfer<T>[]): T {
  const onValues = (at: string, leaf: Leaf) => valueOf("tree.map", leaf, at);
  return mapTree("tree.map", (leaves, at) => f(...leaves.map(leaf => onValues(at, leaf))), [t, ...rest]) as T;
}

/** The leaves of a tree, in order. @throws on anything that is not a tree of values */
export const leaves = <T extends TreeOf<Value, T>>(t: T): Value[] => valuePaths("tree.leaves", t).map(([, v]) => v);

/** Zeros of the shapes and dtypes of the leaves. */
export const zerosLike = <T extends TreeOf<Value, T>>(t: T): T => map(np.zerosLike, t);

/** The sum of scalars; of none, 0. */
const total = (terms: readonly Value[]): Value => (terms.length ? terms.reduce((a, b) => a.add(b)) : np.zeros([]));

/** Sum of the squares of all elements of all leaves: ‖t‖². */
export const sumSquares = <T extends TreeOf<Value, T>>(t: T): Value =>
  total(valuePaths("tree.sumSquares", t).map(([, v]) => v.mul(v).sum()));

/** Inner product over all elements of all leaves: ⟨a, b⟩. @throws where structures or shapes differ */
export function dot<T extends TreeOf<Value, T>>(a: T, b: NoInfer<T>): Value {
  const terms: Value[] = [];
  mapTree(
    "tree.dot",
    ([u, v], at) => {
      const [x, y] = [valueOf("tree.dot", u, at), valueOf("tree.dot", v, at)];
      if (!sameShape(x.shape, y.shape)) fail("tree.dot", `needs leaves of one shape${place(at)}`, `${showType(x)} and ${showType(y)}`);
      terms.push(x.mul(y).sum());
    },
    [a, b],
  );
  return total(terms);
}
