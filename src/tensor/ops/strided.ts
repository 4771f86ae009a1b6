import type { Shape, Type, TypedArray } from "../types.js";
import { allocate, sizeOf } from "../types.js";

/** Row-major strides of a shape, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, s = 1; i >= 0; s *= shape[i--]) strides[i] = s;
  return strides;
}

/** Calls `f` with the offset of each element of a strided view, in row-major order of `shape`. */
export function forEachOffset(shape: Shape, strides: readonly number[], start: number, f: (offset: number, i: number) => void): void {
  const n = sizeOf(shape),
    rank = shape.length,
    at = new Array<number>(rank).fill(0);
  for (let i = 0, offset = start; i < n; i++) {
    f(offset, i);
    for (let axis = rank - 1; axis >= 0; axis--) {
      offset += strides[axis];
      if (++at[axis] < shape[axis]) break;
      offset -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
}

/** Copies a strided view of `data` into a new array of the given type. */
export function copyView(data: TypedArray, type: Type, strides: readonly number[], start = 0): TypedArray {
  const out = allocate(type);
  forEachOffset(type.shape, strides, start, (offset, i) => {
    out[i] = data[offset];
  });
  return out;
}
