import { bytesOf, sizeOf } from "../../tensor/types.js";
import type { Type } from "../../tensor/types.js";
import { checkpoint } from "./checkpoint.js";
import { store } from "./store.js";
import type { MemoryStrategy } from "./strategy.js";

/** Bytes of the numbers of one state. */
export const bytesOfState = (state: readonly Type[]): number =>
  state.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesOf[dtype], 0);

/** The strategy for states of these types: of one that keeps what a bound of bytes allows, so many of them. */
export const fitted = (memory: MemoryStrategy, state: readonly Type[]): MemoryStrategy => memory.fit?.(bytesOfState(state)) ?? memory;

/** Keeps as many states as a bound of bytes allows, and at least one; where their size is not known, all. */
export const statesWithin = (bytes: number): MemoryStrategy => ({
  ...store,
  name: `${bytes} bytes of states`,
  fit: ofState => checkpoint(Math.max(1, Math.floor(bytes / Math.max(1, ofState)))),
});
