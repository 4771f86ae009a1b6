import { bytesOf } from "../tensor/types.js";
import type { DType, HostArray, TypedArray } from "../tensor/types.js";
import { allocate } from "../tensor/types.js";
import { UfomError } from "../tensor/error.js";

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Reverses the bytes of each element of `width` bytes. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = bytes[i - (i % width) + (width - 1 - (i % width))];
  return out;
}

/**
 * Gives every NaN the bits of the canonical quiet one. Its sign and payload are what WebAssembly and JavaScript leave to the machine, and
 * no operation makes other numbers of them.
 */
export function quietNaN(data: Float32Array | Float64Array): void {
  if (data instanceof Float32Array) {
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
    for (let i = 0; i < words.length; i++) if (Number.isNaN(data[i])) words[i] = 0x7fc00000;
  } else {
    const words = new BigUint64Array(data.buffer, data.byteOffset, data.length);
    for (let i = 0; i < words.length; i++) if (Number.isNaN(data[i])) words[i] = 0x7ff8000000000000n;
  }
}

/** The numbers as they are, or a copy with quiet NaN if there is one. */
function withQuietNaN(data: TypedArray): TypedArray {
  if (!(data instanceof Float32Array || data instanceof Float64Array) || !data.some(Number.isNaN)) return data;
  const copy = data.slice();
  quietNaN(copy);
  return copy;
}

/** The numbers of an array as little-endian bytes, the same on every machine; a view where there is nothing to change. */
export function littleEndianBytes({ data, dtype }: Pick<HostArray, "data" | "dtype">): Uint8Array {
  const { buffer, byteOffset, byteLength } = withQuietNaN(data),
    bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return hostIsLittleEndian ? bytes : swapped(bytes, bytesOf[dtype]);
}

/** The numbers whose little-endian bytes are given. @throws unless they fill the elements exactly */
export function numbersOfBytes(bytes: Uint8Array, dtype: DType): TypedArray {
  const width = bytesOf[dtype];
  if (bytes.length % width !== 0)
    throw new UfomError(`ufom: ${dtype} numbers must have ${width} bytes each; received ${bytes.length} bytes.`);
  const data = allocate({ shape: [bytes.length / width], dtype });
  new Uint8Array(data.buffer).set(hostIsLittleEndian ? bytes : swapped(bytes, width));
  return data;
}

// `btoa` takes a string of one character a byte; long argument lists overflow the stack, so it is made in pieces.
const PIECE = 0x8000;

/** Base64 in Node and in browsers alike. */
export function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += PIECE) text += String.fromCharCode(...bytes.subarray(i, i + PIECE));
  return btoa(text);
}

/** The bytes of a base64 text. @throws on other text */
export function bytesOfBase64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0)
    throw new UfomError(`ufom: base64 must be groups of four characters; received ${JSON.stringify(text.slice(0, 20))}.`);
  return Uint8Array.from(atob(text), c => c.charCodeAt(0));
}
