import { flattenLike, rebuildLike } from "../core/trees/host-leaves.js";
import { fail } from "../tensor/error.js";
import { checkHostArray, isHostArray } from "../tensor/host.js";
import { checkOptions } from "../tensor/options.js";
import { typesOf } from "../tensor/trace.js";
import { describeTree, isBranch, paths } from "../tensor/tree.js";
import type { HostArray, HostTree, TreeOf } from "../tensor/types.js";
import type { Saved } from "./packed.js";
import { readChecked, stateIn, writeState } from "./saved-state.js";
import { contentOf, type Source } from "./source.js";

/** What is wanted of a file of arrays. */
export interface LoadOptions<T = HostTree> {
  /** A tree such as the problem's own θ₀: the arrays must have its names and shapes, and are given in its structure and dtypes. */
  readonly like?: T;
}

/** Checks a tree of host arrays. @throws if it is none */
function checkTree(who: string, tree: unknown): void {
  for (const [path, leaf] of paths(who, tree)) {
    if (!isHostArray(leaf)) fail(who, `must hold host arrays (zeros, full, f32, f64, i32)${path && ` at ${path}`}`, describeTree(leaf));
    checkHostArray(who, leaf, path);
  }
}

/**
 * Writes a tree of host arrays as a safetensors file, whose arrays are named by their paths (`layers.0.w`), so that others can read it too.
 *
 * @example
 * const model = { layers: [{ w: f32([1, 2]), b: zeros(1) }] };
 * const { layers } = await loadTree(saveTree(model), { like: model });
 * layers[0].w.data; // [1, 2]
 *
 * @param tree a host array, or objects and lists of trees; of a lone array the name is `array`
 * @returns the file's bytes, for `writeFile`, a Blob or a request
 * @throws UfomError if it is no tree of host arrays
 * @see https://github.com/huggingface/safetensors#format
 */
export function saveTree<T extends TreeOf<HostArray, T>>(tree: T): Uint8Array {
  checkTree("saveTree", tree);
  return writeState(tree);
}

/** A node of a tree on the way from names to nested objects. */
type Branch = Map<string, Branch | HostArray>;

/** Objects for what has names, lists for what is numbered from 0 without a gap. */
function nested(branch: Branch): HostTree {
  const entries = [...branch].map(([key, child]): [string, HostTree] => [key, child instanceof Map ? nested(child) : child]),
    list = entries.map((_, i) => branch.get(String(i)));
  if (entries.length && list.every(child => child !== undefined)) return list.map(child => (child instanceof Map ? nested(child) : child));
  return Object.fromEntries(entries);
}

/** The tree of arrays that are named by paths. @throws if one path leads through an array */
function treeOf(arrays: ReadonlyMap<string, HostArray>, file: string): HostTree {
  const root: Branch = new Map();
  for (const [name, array] of arrays) {
    const keys = name.split("."),
      last = keys.pop()!;
    let at = root;
    for (const key of keys) {
      const next = at.get(key) ?? new Map<string, Branch | HostArray>();
      if (!(next instanceof Map)) return twice(file, name);
      at.set(key, next);
      at = next;
    }
    if (at.has(last)) return twice(file, name);
    at.set(last, array);
  }
  return nested(root);
}

const twice = (file: string, name: string): never =>
  fail(
    file,
    "needs names that are paths in a tree, where no array has others below it",
    `${name} beside the name of another array on its way`,
  );

const isTree = (x: Saved): x is HostTree =>
  typeof x === "object" && x !== null && (isHostArray(x) || (isBranch(x) && Object.values(x).every(isTree)));

/**
 * Reads a tree of host arrays from a safetensors file: one that `saveTree` wrote, the checkpoint of a run (`{ theta, outer, … }`), or a model of PyTorch or
 * Hugging Face.
 *
 * A file of `saveTree` gives the tree that was saved. Otherwise names are paths: `layers.0.w` lies in `{ layers: [{ w }] }`; keys that count from 0
 * without a gap are a list. F16, BF16 and F8 become float32 and small integers int32, all exactly; I64, U64 and U32 become int32 if all of their
 * numbers fit.
 *
 * @example
 * const bytes = saveTree({ w: f32([1, 2]) });
 * const { w } = await loadTree(bytes, { like: { w: zeros(2) } });
 * w.data; // [1, 2]
 *
 * @param source bytes, a Blob, a Response or the promise of one (`fetch(…)`), or a path on disk
 * @param options.like a tree with the structure, shapes and dtypes that are expected, such as `problem.theta(1)`
 * @returns the tree; like `like` in type and in the order of its keys, if that was given
 * @throws UfomError if it is no such file, holds numbers that cannot be converted exactly, or differs from `like`
 */
export async function loadTree<T extends TreeOf<HostArray, T> = HostTree>(
  source: Source | PromiseLike<Source>,
  options: LoadOptions<T> = {},
): Promise<T> {
  const { like } = checkOptions<LoadOptions<T>>("loadTree", options, { like: true }),
    { bytes, name } = await contentOf("loadTree", source, "what loadTree was given"),
    file = readChecked(bytes, name),
    saved = stateIn(file, name),
    tree = saved !== undefined && isTree(saved) ? saved : treeOf(file.tensors, name);
  return (like === undefined ? tree : asLike(name, like, tree)) as T;
}

/** A tree in the structure and dtypes of another. @throws if it lacks a leaf, has another, or one of another shape */
export function asLike(who: string, like: HostTree, tree: HostTree): HostTree {
  checkTree("like", like);
  const types = typesOf(like);
  return rebuildLike(types, flattenLike(who, types, tree));
}
