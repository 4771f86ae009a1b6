import { fail } from "../../tensor/error.js";
import { showType, type DType, type HostArray, type HostTree } from "../../tensor/types.js";
import { mapTree, zipTrees } from "../host-tree.js";

/** Rounds the result of one operation to the element type. */
export type Round = (x: number) => number;

const rounding: Partial<Record<DType, Round>> = { float32: Math.fround, float64: x => x };

/**
 * Applies a scalar rule to the elements of up to three trees of one structure. The rule rounds after each of its
 * operations, so that float32 leaves have the bits that arrays of single precision give.
 *
 * @param who what refuses in the message, such as `adam`
 * @param rule given the rounding, the function of one element of each tree
 * @throws where the trees differ, or an element type is not a float
 */
export function elementwise(
  who: string,
  rule: (round: Round) => (a: number, b: number, c: number) => number,
  ...trees: Operands
): HostTree {
  const [tree, ...others] = trees;
  return zipTrees(
    who,
    ([a, b = a, c = a], path) => {
      const round = rounding[a.dtype];
      if (!round) return fail(who, `works on float32 and float64 leaves${path && ` (at ${path})`}`, showType(a));
      return fill(a, b, c, rule(round));
    },
    tree,
    ...others,
  );
}

type Operands = readonly [HostTree] | readonly [HostTree, HostTree] | readonly [HostTree, HostTree, HostTree];

/** Zeros in the shapes and element types of a tree. */
export const zerosLike = (tree: HostTree): HostTree =>
  mapTree(({ shape, dtype, data }) => ({ shape, dtype, data: data.slice().fill(0) }), tree);

function fill({ shape, dtype, data }: HostArray, b: HostArray, c: HostArray, f: (a: number, b: number, c: number) => number): HostArray {
  const result = data.slice();
  for (let i = 0; i < result.length; i++) result[i] = f(data[i], b.data[i], c.data[i]);
  return { shape, dtype, data: result };
}
