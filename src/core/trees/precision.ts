import type { FloatType, HostTree } from "../../tensor/types.js";
import { mapTree } from "./host-tree.js";

/** The tree with its floating point leaves in a precision. */
export const inPrecision = <T extends HostTree>(tree: T, dtype: FloatType): T =>
  mapTree(leaf => {
    const { shape, data } = leaf;
    if (leaf.dtype === dtype || !leaf.dtype.startsWith("float")) return leaf;
    return { shape, dtype, data: dtype === "float64" ? Float64Array.from(data) : Float32Array.from(data) };
  }, tree);
