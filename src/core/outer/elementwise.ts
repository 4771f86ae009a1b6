import { fail } from "../../tensor/error.js";
import { allocate, showType, type DType, type HostTree, type TypedArray } from "../../tensor/types.js";
import { mapTree, zipTrees } from "../trees/host-tree.js";

/** Rounds the result of one operation to the element type. */
export type Round = (x: number) => number;

const rounding: Partial<Record<DType, Round>> = { float32: Math.fround, float64: x => x };

/**
 * Computes the elements of a leaf from those of up to three others, rounding after each operation, so that float32 leaves have the bits
 * that arrays of single precision give. A loop of its own for each rule: engines compile it for that rule alone.
 */
export type Loop = (round: Round, out: TypedArray, a: TypedArray, b: TypedArray, c: TypedArray) => void;

/**
 * Applies a rule to the elements of up to three trees of one structure.
 *
 * @param who what refuses in the message, such as `adam`
 * @throws where the trees differ, or an element type is not a float
 */
export function elementwise(who: string, loop: Loop, ...[tree, ...others]: Operands): HostTree {
  return zipTrees(
    who,
    ([a, b = a, c = a], path) => {
      const { shape, dtype } = a,
        round = rounding[dtype];
      if (!round) return fail(who, `works on float32 and float64 leaves${path() && ` (at ${path()})`}`, showType(a));
      const data = allocate(a);
      loop(round, data, a.data, b.data, c.data);
      return { shape, dtype, data };
    },
    tree,
    ...others,
  );
}

type Operands = readonly [HostTree] | readonly [HostTree, HostTree] | readonly [HostTree, HostTree, HostTree];

/** Zeros in the shapes and element types of a tree. */
export const zerosLike = (tree: HostTree): HostTree =>
  mapTree(leaf => ({ shape: leaf.shape, dtype: leaf.dtype, data: allocate(leaf) }), tree);

/** factor·tree. */
export const scaled = (who: string, factor: number, tree: HostTree): HostTree =>
  elementwise(
    who,
    (round, out, x) => {
      for (let i = 0; i < out.length; i++) out[i] = round(factor * x[i]);
    },
    tree,
  );
