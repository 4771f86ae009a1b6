import { fail } from "../tensor/error.js";
import type { HostArray } from "../tensor/types.js";
import { pack, unpack, type Saved } from "./packed.js";
import { readSafeTensors, writeSafeTensors, type SafeTensors } from "./safetensors.js";

export type { Saved } from "./packed.js";

/** The key of the metadata that holds everything that is not an array. */
const stateName = "ufom.state";

/**
 * Writes a state as one safetensors file: arrays under their path in the tree (`theta.weight`), the rest as JSON in its
 * metadata. One file, so that it can be replaced at one stroke.
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
  return writeSafeTensors({ tensors, metadata: { [stateName]: JSON.stringify(packed) } });
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
 * @throws one sentence if the file is damaged or holds no state
 */
export function readState(bytes: Uint8Array, file: string): Saved {
  const state = stateIn(readSafeTensors(bytes, file), file);
  return state === undefined ? fail(file, `must hold the state of a run (${stateName} in its metadata)`, "a file without one") : state;
}
