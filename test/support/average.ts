// The mean of trees on the host: what the executor's own is held to.
import { zipTrees } from "../../src/core/trees/host-tree.js";
import type { HostTree, TypedArray } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";

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
