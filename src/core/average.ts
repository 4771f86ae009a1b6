import type { FloatType, HostTree } from "../tensor/types.js";
import { allocate } from "../tensor/types.js";
import { leaves, mapTree, zipTrees } from "./host-tree.js";

/** The mean of trees, summed in their order: it does not depend on who computed them, or when. */
export function averageTrees(trees: readonly HostTree[]): HostTree {
  const [first, ...others] = trees;
  if (!others.length) return first;
  return zipTrees(
    "averageTrees",
    parts => {
      const { shape, dtype } = parts[0],
        data = allocate({ shape, dtype });
      for (let k = 0; k < data.length; k++) {
        let sum = 0;
        for (const part of parts) sum += part.data[k];
        data[k] = sum / parts.length;
      }
      return { shape, dtype, data };
    },
    first,
    ...others,
  );
}

/** The Euclidean norm over all elements of all leaves. */
export function normOf(tree: HostTree): number {
  let sum = 0;
  for (const { data } of leaves(tree)) for (const x of data) sum += x * x;
  return Math.sqrt(sum);
}

/** Whether every element of every leaf is finite. */
export const isFiniteTree = (tree: HostTree): boolean => leaves(tree).every(({ data }) => data.every(x => Number.isFinite(x)));

/** The tree with its floating point leaves in a precision. */
export const inPrecision = <T extends HostTree>(tree: T, dtype: FloatType): T =>
  mapTree(leaf => {
    const { shape, data } = leaf;
    if (leaf.dtype === dtype || !leaf.dtype.startsWith("float")) return leaf;
    return { shape, dtype, data: dtype === "float64" ? Float64Array.from(data) : Float32Array.from(data) };
  }, tree);
