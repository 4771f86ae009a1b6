import type { DType, TypedArray } from "../../tensor/types.js";

/** Bytes of host numbers as the executor's memory holds them. A bool becomes a mask: all bits of 32. */
export function storedForm(dtype: DType, data: TypedArray): Uint8Array {
  const numbers = dtype === "bool" ? masks(data) : data;
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Host numbers of bytes that were copied from the executor's memory, `length` of them from `offset` on. */
export function hostForm(dtype: DType, bytes: ArrayBuffer, offset: number, length: number): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(bytes, offset, length);
    case "float64":
      return new Float64Array(bytes, offset, length);
    case "int32":
      return new Int32Array(bytes, offset, length);
    case "bool":
      return ones(new Int32Array(bytes, offset, length));
  }
}

// Loops, as `from` with a function makes a list of all numbers first: hundreds of millions of them are more than a process may hold.

function masks(bools: TypedArray): Int32Array {
  const out = new Int32Array(bools.length);
  for (let i = 0; i < out.length; i++) out[i] = bools[i] === 0 ? 0 : -1;
  return out;
}

function ones(masks: Int32Array): Uint8Array {
  const out = new Uint8Array(masks.length);
  for (let i = 0; i < out.length; i++) out[i] = masks[i] & 1;
  return out;
}
