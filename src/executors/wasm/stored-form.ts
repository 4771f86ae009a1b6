import type { DType, TypedArray } from "../../tensor/types.js";

/** Bytes of host numbers as the executor's memory holds them. A bool becomes a mask: all bits of 32. */
export function storedForm(dtype: DType, data: TypedArray): Uint8Array {
  const numbers = dtype === "bool" ? Int32Array.from(data, b => (b === 0 ? 0 : -1)) : data;
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
      return Uint8Array.from(new Int32Array(bytes, offset, length), mask => mask & 1);
  }
}
