import { quietNaN } from "../../program/bytes.js";
import type { DType, TypedArray } from "../../tensor/types.js";

/** Bytes of host numbers as the executor's memory holds them. A bool becomes a mask: all bits of 32. */
export function storedForm(dtype: DType, data: TypedArray): Uint8Array {
  const numbers = dtype === "bool" ? Int32Array.from(data, b => (b === 0 ? 0 : -1)) : data;
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Host numbers of bytes from the executor's memory, which they take over; NaN is the canonical one. */
export function hostForm(dtype: DType, bytes: ArrayBuffer): TypedArray {
  switch (dtype) {
    case "float32":
    case "float64": {
      const data = dtype === "float32" ? new Float32Array(bytes) : new Float64Array(bytes);
      quietNaN(data);
      return data;
    }
    case "int32":
      return new Int32Array(bytes);
    case "bool":
      return Uint8Array.from(new Int32Array(bytes), mask => mask & 1);
  }
}
