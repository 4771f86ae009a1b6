import type { DType, TypedArray } from "../../tensor/types.js";

/** Bytes of host numbers as the executor's memory holds them. A bool becomes a mask: all bits of 32. */
export function storedForm(dtype: DType, data: TypedArray): Uint8Array {
  const numbers = dtype === "bool" ? Int32Array.from(data, b => (b === 0 ? 0 : -1)) : data;
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
