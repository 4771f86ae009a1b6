import type { HostArray } from "../tensor/types.js";
import { littleEndianBytes } from "./bytes.js";
import { programText } from "./encoding.js";
import type { Program } from "./program.js";
import { sha256 } from "./sha256.js";

/** Digits kept: 128 bits name a program without collisions in practice. */
const DIGITS = 32;

const hashes = new WeakMap<Program, string>();
const digests = new WeakMap<HostArray, string>();

function remembered<K extends object>(cache: WeakMap<K, string>, key: K, compute: () => string): string {
  let value = cache.get(key);
  if (value === undefined) cache.set(key, (value = compute()));
  return value;
}

/** Names the numbers of an array: 32 hexadecimal digits of the SHA-256 of its little-endian bytes. */
export const digestOf = (array: HostArray): string => remembered(digests, array, () => sha256(littleEndianBytes(array)).slice(0, DIGITS));

/**
 * Names a program by its content: 32 hexadecimal digits (128 bits of a SHA-256), the same on every machine and in
 * browsers. Every type, operation, parameter, literal and constant counts; the names of inputs do not. Remembered by
 * object, so a program must not be changed afterwards.
 */
export const hashProgram = (program: Program): string =>
  remembered(hashes, program, () => sha256(new TextEncoder().encode(programText(program, digestOf))).slice(0, DIGITS));
