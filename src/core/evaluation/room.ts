import type { Executor } from "../../executors/executor.js";

/** Bytes that there is room for. */
export interface Room {
  /** In the executor's memory. */
  readonly executor: number;
  /** What of the machine's memory is free. */
  readonly machine: number;
}

/** Taken for what is free where nothing tells. */
const UNKNOWN = 2 ** 30;

const { process } = globalThis as { readonly process?: { availableMemory?(): number } };

/** The bytes that an executor may still take, and those that are free in the machine, or may be taken by this process. */
export const roomOf = (executor: Executor): Room => ({
  executor: executor.capacity === undefined ? Infinity : Math.max(0, executor.capacity - executor.usage().bytes),
  machine: process?.availableMemory?.() ?? UNKNOWN,
});
