import type { FloatType, HostTree, TypedArray } from "../../tensor/types.js";
import { allocate } from "../../tensor/types.js";
import { mapTree, zipTrees } from "./host-tree.js";

/** The mean of trees, summed in their order in float64: it does not depend on who computed them, or when. */
export function averageTrees(trees: readonly HostTree[]): HostTree {
  const [first, ...others] = trees;
  if (!others.length) return first;
  return zipTrees(
    "averageTrees",
    parts => {
      const { shape, dtype } = parts[0],
        sums = Float64Array.from(parts[0].data),
        data = allocate({ shape, dtype });
      for (const part of parts.slice(1)) addTo(sums, part.data);
      for (let k = 0; k < data.length; k++) data[k] = sums[k] / parts.length;
      return { shape, dtype, data };
    },
    first,
    ...others,
  );
}

function addTo(sums: Float64Array, data: TypedArray): void {
  for (let k = 0; k < sums.length; k++) sums[k] += data[k];
}

/** The tree with its floating point leaves in a precision. */
export const inPrecision = <T extends HostTree>(tree: T, dtype: FloatType): T =>
  mapTree(leaf => {
    const { shape, data } = leaf;
    if (leaf.dtype === dtype || !leaf.dtype.startsWith("float")) return leaf;
    return { shape, dtype, data: dtype === "float64" ? Float64Array.from(data) : Float32Array.from(data) };
  }, tree);
