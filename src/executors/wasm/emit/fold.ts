import type { DType } from "../../../tensor/types.js";
import type { FunctionBuilder, Local } from "../assembler.js";
import { shuffle } from "./vector.js";
import type { Width } from "./vector.js";

type Lanes = Parameters<typeof shuffle>[1];

/**
 * Folds the lanes of up to `width` vectors, each into the lane of its position, in the first of them; `combine` is the instruction
 * that folds two. Lanes are combined as (0, 2), (1, 3), whatever the number of vectors.
 */
export function fold(f: FunctionBuilder, width: Width, dtype: DType, combine: number, vectors: readonly Local[]): Local {
  const [first, second = first, third = first, fourth = third] = vectors;
  const pair = (x: Local, y: Local, some: Lanes, others: Lanes, into: Local) => {
    shuffle(f.get(x).get(y), some);
    shuffle(f.get(x).get(y), others).simd(combine).set(into);
  };
  if (width === 2 && dtype !== "float64") {
    pair(first, second, [0, 4, 0, 4], [1, 5, 1, 5], first);
    return first;
  }
  if (width === 4) {
    const other = f.local("v128");
    pair(third, fourth, [0, 1, 4, 5], [2, 3, 6, 7], other);
    pair(first, second, [0, 1, 4, 5], [2, 3, 6, 7], first);
    pair(first, other, [0, 2, 4, 6], [1, 3, 5, 7], first);
    f.release(other);
    return first;
  }
  pair(first, second, [0, 1, 4, 5], [2, 3, 6, 7], first);
  return first;
}
