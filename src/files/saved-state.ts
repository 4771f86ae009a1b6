import type { HostArray, TypedArray } from "../tensor/types.js";
import { checksumName, isSigned, noChecksum, sign } from "./checksum.js";
import type { SafeTensors } from "./safetensors.js";
import { readSafeTensors, writeSafeTensors } from "./safetensors.js";

/** What can be saved exactly: host arrays, numbers, texts, truth values, null, and lists and objects of them. */
export type Saved = HostArray | number | string | boolean | null | undefined | readonly Saved[] | { readonly [key: string]: Saved };

/** The key of the metadata that holds everything that is not an array. */
const stateName = "ufom.state";

const isArrayBuffer = (x: unknown): x is TypedArray => ArrayBuffer.isView(x) && !(x instanceof DataView);
const isHostArray = (x: object): x is HostArray => "data" in x && "shape" in x && "dtype" in x && isArrayBuffer(x.data);

/** JSON knows no NaN, no infinities and no −0. */
const exactNumber = (x: number): unknown =>
  Number.isFinite(x) && !Object.is(x, -0) ? x : { $number: Object.is(x, -0) ? "-0" : String(x) };

/**
 * Writes a state as one safetensors file: arrays under their path in the tree (`theta.weight`), the rest as JSON in its
 * metadata, and there the check sum of the whole file. One file, so that it can be replaced at one stroke.
 * @throws Error if a key begins with `$`, or something else than listed is in it
 */
export function writeState(state: Saved): Uint8Array {
  const tensors = new Map<string, HostArray>();
  const pack = (x: Saved, path: string): unknown => {
    if (typeof x === "number") return exactNumber(x);
    if (x === undefined || x === null || typeof x === "string" || typeof x === "boolean") return x;
    if (Array.isArray(x)) return (x as readonly Saved[]).map((item, i) => pack(item, `${path}.${i}`));
    if (typeof x !== "object") throw new Error(`ufom: a saved state must be plain data; received ${typeof x} at ${path}.`);
    if (isHostArray(x)) {
      // A key may hold a dot: the paths of two arrays may then be equal.
      let name = path;
      for (let copy = 2; tensors.has(name); copy++) name = `${path}~${copy}`;
      tensors.set(name, x);
      return { $array: name };
    }
    return Object.fromEntries(
      Object.entries(x).map(([key, value]) => {
        if (key.startsWith("$")) throw new Error(`ufom: a saved state must not have a key that begins with $; received ${key} at ${path}.`);
        return [key, pack(value, path === "" ? key : `${path}.${key}`)];
      }),
    );
  };
  const json = JSON.stringify(pack(state, ""));
  return sign(writeSafeTensors({ tensors, metadata: { [checksumName]: noChecksum, [stateName]: json } }));
}

/**
 * Reads what `writeState` wrote; every number as it was, bit for bit.
 * @throws Error one sentence if the file is damaged, be it by one bit, or holds no state
 */
export function readState(bytes: Uint8Array, file: string): Saved {
  const { tensors, metadata }: SafeTensors = readSafeTensors(bytes, file);
  const json = metadata[stateName];
  if (json === undefined) throw new Error(`ufom: ${file} must hold the state of a run (${stateName} in its metadata); it holds none.`);
  const checksum = metadata[checksumName];
  if (checksum === undefined) {
    throw new Error(
      `ufom: ${file} must hold its check sum (${checksumName} in its metadata); it holds none: it is damaged, or ufom 0.1.0 wrote it.`,
    );
  }
  if (!isSigned(bytes, checksum))
    throw new Error(`ufom: ${file} must have the check sum ${checksum} that it was written with; it is damaged.`);
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if ("$number" in value) return Number(value.$number);
    if ("$array" in value) {
      const array = tensors.get(String(value.$array));
      if (array === undefined) throw new Error(`ufom: ${file} must hold the array ${String(value.$array)}; it does not.`);
      return array;
    }
    return value;
  }) as Saved;
}
