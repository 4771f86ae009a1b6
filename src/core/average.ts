import { mapTree } from "../tensor/tree.js";
import type { HostArray, HostTree } from "../tensor/types.js";
import { allocate } from "../tensor/types.js";
import { paths } from "../tensor/tree.js";

const leavesOf = (tree: HostTree): HostArray[] => paths("a gradient", tree).map(([, leaf]) => leaf as HostArray);

/** The mean of trees, summed in their order: it does not depend on who computed them, or when. */
export function averageTrees(trees: readonly HostTree[]): HostTree {
  if (trees.length === 1) return trees[0];
  return mapTree(
    "averageTrees",
    leaves => {
      const { shape, dtype } = leaves[0],
        data = allocate({ shape, dtype });
      for (let k = 0; k < data.length; k++) {
        let sum = 0;
        for (const leaf of leaves) sum += (leaf as HostArray).data[k];
        data[k] = sum / leaves.length;
      }
      return { shape, dtype, data };
    },
    trees,
  ) as HostTree;
}

/** The Euclidean norm over all elements of all leaves. */
export const normOf = (tree: HostTree): number =>
  Math.sqrt(
    leavesOf(tree).reduce((n, { data }) => {
      for (const x of data) n += x * x;
      return n;
    }, 0),
  );

/** Whether every element of every leaf is finite. */
export const isFiniteTree = (tree: HostTree): boolean => leavesOf(tree).every(({ data }) => data.every(x => Number.isFinite(x)));

/** The tree with its floating point leaves in a precision. */
export const inPrecision = (tree: HostTree, dtype: "float32" | "float64"): HostTree =>
  mapTree(
    "a tree",
    ([leaf]) => {
      const { shape, data } = leaf as HostArray;
      if (leaf.dtype === dtype || !leaf.dtype.startsWith("float")) return leaf;
      return { shape, dtype, data: dtype === "float64" ? Float64Array.from(data) : Float32Array.from(data) };
    },
    [tree],
  ) as HostTree;
