import { fail } from "../tensor/error.js";
import { checkHostArray } from "../tensor/host.js";
import type { DType, HostArray } from "../tensor/types.js";
import { allocate, bytesOf, sizeOf } from "../tensor/types.js";
import { pack, unpack, type Saved } from "./packed.js";

/** Bytes that become characters at once: engines limit how many arguments a call has. */
const chunk = 0x8000;

function base64Of({ data }: HostArray): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    parts: string[] = [];
  for (let at = 0; at < bytes.length; at += chunk) parts.push(String.fromCharCode(...bytes.subarray(at, at + chunk)));
  return btoa(parts.join(""));
}

/** An array from `{ dtype, shape, base64 }`. @throws if it is none */
function arrayFrom(who: string, stored: unknown): HostArray {
  const { dtype, shape, base64 } = (stored ?? {}) as { dtype?: DType; shape?: number[]; base64?: string },
    refuse = () => fail(who, "needs every array as { dtype, shape, base64 }", JSON.stringify(stored).slice(0, 80));
  if (!Array.isArray(shape) || !shape.every(d => Number.isSafeInteger(d) && d >= 0) || typeof base64 !== "string") return refuse();
  if (dtype === undefined || !Object.hasOwn(bytesOf, dtype)) return refuse();
  let text: string;
  try {
    text = atob(base64);
  } catch {
    return refuse();
  }
  if (text.length !== sizeOf(shape) * bytesOf[dtype])
    fail(who, `needs ${sizeOf(shape) * bytesOf[dtype]} bytes for ${dtype}[${shape.join(",")}]`, `${text.length}`);
  const data = allocate({ shape, dtype }),
    bytes = new Uint8Array(data.buffer);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return checkHostArray(who, { shape, dtype, data });
}

/**
 * A state as what JSON can say, every number as it is, bit for bit: arrays are `{ "$array": { dtype, shape, base64 } }`, their bytes little-endian;
 * NaN, infinities and −0 are `{ "$number": "NaN" }`.
 */
export const jsonOf = (state: Saved): unknown =>
  pack(state, array => ({ dtype: array.dtype, shape: array.shape, base64: base64Of(array) }));

/** The state behind `jsonOf`. @param who refuses what is no such form */
export const fromJson = (who: string, json: unknown): Saved => unpack(json, stored => arrayFrom(who, stored));
