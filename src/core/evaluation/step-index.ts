import type { HostArray } from "../../tensor/types.js";

/** Indices below this stay in memory once they were used; a loop that is longer must not keep one for each of its steps. */
export const KEPT_INDICES = 2 ** 14;

/** Indices as arrays, as machines tell constants by their objects. */
const kept: HostArray[] = [];

const made = (i: number): HostArray => ({ shape: [], dtype: "int32", data: Int32Array.of(i) });

/** A number as an int32 scalar; below `KEPT_INDICES` always the same array. */
export const indexArray = (i: number): HostArray => (i < KEPT_INDICES ? (kept[i] ??= made(i)) : made(i));
