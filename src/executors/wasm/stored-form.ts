import type { DType, TypedArray } from "../../tensor/types.js";

/** Bytes of host numbers as the executor's memory holds them. A bool becomes a mask: all bits of 32. */
export function storedForm(dtype: DType, data: TypedArray): Uint8Array {
  const numbers = dtype === "bool" ? Int32Array.from(data, b => (b === 0 ? 0 : -1)) : data;
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/**
 * Host numbers of bytes from the executor's memory, which they take over. Every NaN becomes the canonical quiet one: its sign and
 * payload are the one thing that WebAssembly leaves to the machine, and no operation makes other numbers of them.
 */
export function hostForm(dtype: DType, bytes: ArrayBuffer): TypedArray {
  switch (dtype) {
    case "float32": {
      const data = new Float32Array(bytes),
        words = new Uint32Array(bytes);
      for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) words[i] = 0x7fc00000;
      return data;
    }
    case "float64": {
      const data = new Float64Array(bytes),
        words = new BigUint64Array(bytes);
      for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) words[i] = 0x7ff8000000000000n;
      return data;
    }
    case "int32":
      return new Int32Array(bytes);
    case "bool":
      return Uint8Array.from(new Int32Array(bytes), mask => mask & 1);
  }
}
