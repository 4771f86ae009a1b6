import { fail } from "./error.js";
import { checkHostArray, isHostArray } from "./host.js";
import type { Nested } from "./nested.js";
import { readNested } from "./nested.js";
import type { HostArray } from "./types.js";
import { allocate, showType, sizeOf } from "./types.js";

/**
 * The rows of a host array at given positions, one after another: y_i = x_{indices_i}, a copy. Batches and splits of a data set are made with it.
 *
 * @example
 * const images = f32([1, 2, 3, 4, 5, 6], 3, 2);
 * rows(images, [2, 0, 2]).data; // [5, 6, 1, 2, 5, 6]
 * rows(images, [[0], [1]]).shape; // [2, 1, 2]
 *
 * @param x at least one axis, [n, …]
 * @param indices whole numbers from 0 to n − 1 in (nested) lists or a host array, of any shape
 * @returns of x's dtype; the first axis is replaced by the shape of the indices
 * @throws on a position outside, or one that is not whole
 */
export function rows(x: HostArray, indices: HostArray | Nested): HostArray {
  if (!isHostArray(x)) return fail("rows", "takes a host array", Array.isArray(x) ? "a list" : typeof x);
  checkHostArray("rows", x);
  const [n, ...rest] = x.shape;
  if (n === undefined) fail("rows", "takes an array with at least one axis", showType(x));
  const { shape, numbers } = isHostArray(indices)
    ? { shape: indices.shape, numbers: checkHostArray("rows", indices).data }
    : readNested("rows", indices);
  const type = { shape: [...shape, ...rest], dtype: x.dtype };
  const data = allocate(type);
  const size = sizeOf(rest);
  for (let i = 0; i < numbers.length; i++) {
    const row = numbers[i];
    if (!(Number.isInteger(row) && row >= 0 && row < n))
      fail("rows", `takes whole positions from 0 to ${n - 1} in ${showType(x)}`, `${row} at position ${i}`);
    data.set(x.data.subarray(row * size, (row + 1) * size), i * size);
  }
  return { ...type, data };
}
