import { fail } from "../tensor/error.js";
import type { HostArray } from "../tensor/types.js";
import { checksumName, isSigned, noChecksum, sign } from "./checksum.js";
import { pack, unpack, type Saved } from "./packed.js";
import { readSafeTensors, writeSafeTensors, type SafeTensors } from "./safetensors.js";

export type { Saved } from "./packed.js";

/** The key of the metadata that holds everything that is not an array. */
const stateName = "ufom.state";

/**
 * Writes a state as one safetensors file: arrays under their path in the tree (`theta.weight`), the rest as JSON in its
 * metadata, and there the check sum of the whole file. One file, so that it can be replaced at one stroke.
 * @throws if something else than plain data and host arrays is in it
 */
export function writeState(state: Saved): Uint8Array {
  const tensors = new Map<string, HostArray>();
  const packed = pack(state, (array, path) => {
    // A key may hold a dot: the paths of two arrays may then be equal.
    const plain = path === "" ? "array" : path === "__metadata__" ? "__metadata__~" : path;
    let name = plain;
    for (let copy = 2; tensors.has(name); copy++) name = `${plain}~${copy}`;
    tensors.set(name, array);
    return name;
  });
  return sign(writeSafeTensors({ tensors, metadata: { [checksumName]: noChecksum, [stateName]: JSON.stringify(packed) } }));
}

/** Reads a safetensors file, of whoever it is. @throws if it has a check sum of ours, and is not the file that was written with it */
export function readChecked(bytes: Uint8Array, file: string): SafeTensors {
  const read = readSafeTensors(bytes, file),
    checksum = Object.hasOwn(read.metadata, checksumName) ? read.metadata[checksumName] : undefined;
  if (checksum !== undefined && !isSigned(bytes, checksum))
    fail(file, `must have the check sum ${checksum} that it was written with`, "a file that is damaged");
  return read;
}

/** The state in a file that was read; undefined if the file holds none. @throws if it names arrays that are not there */
export function stateIn({ tensors, metadata }: SafeTensors, file: string): Saved {
  if (!Object.hasOwn(metadata, stateName)) return undefined;
  let packed: unknown;
  try {
    packed = JSON.parse(metadata[stateName]);
  } catch (error) {
    return fail(file, `must hold JSON in ${stateName} of its metadata`, (error as Error).message);
  }
  return unpack(
    packed,
    name => tensors.get(String(name)) ?? fail(file, "must hold the arrays that its state names", `none of the name ${String(name)}`),
  );
}

/**
 * Reads what `writeState` wrote; every number as it was, bit for bit.
 * @throws one sentence if the file is damaged, be it by one bit, or holds no state
 */
export function readState(bytes: Uint8Array, file: string): Saved {
  const read = readChecked(bytes, file),
    state = stateIn(read, file);
  if (state === undefined) return fail(file, `must hold the state of a run (${stateName} in its metadata)`, "a file without one");
  if (!Object.hasOwn(read.metadata, checksumName))
    fail(file, `must hold its check sum (${checksumName} in its metadata)`, "a file without one: it is damaged, or ufom 0.1.0 wrote it");
  return state;
}
