import { copyHost, inDType } from "../../tensor/host.js";
import { mapTypes } from "../../tensor/trace.js";
import type { FloatType, HostTree } from "../../tensor/types.js";
import { isFloat } from "../../tensor/types.js";
import { mapTree } from "./host-tree.js";

/** A tree of its own with the numbers of another, floating point leaves in a precision. @throws at the first number that float32 cannot hold */
export const inPrecision = <T extends HostTree>(tree: T, dtype: FloatType): T =>
  mapTree((leaf, path) => (isFloat(leaf) && leaf.dtype !== dtype ? inDType(`a run in ${dtype}`, leaf, dtype, path) : copyHost(leaf)), tree);

/** The types of a tree's leaves as programs are traced for them: floating point data stand for the working precision, float64 as float32. */
export const workingTypes = (tree: unknown): unknown =>
  mapTypes(tree, type => ({ shape: type.shape, dtype: isFloat(type) ? "float32" : type.dtype }));
