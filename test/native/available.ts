import { createWasmExecutor } from "../../src/index.js";
import { loadBlas } from "../../src/executors/native/blas.js";
import type { SyncExecutor } from "../../src/executors/wasm/index.js";

function whyNot(): string | undefined {
  try {
    loadBlas();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Why no library of matrix products is tested here; undefined where one is. */
export const withoutLibrary = whyNot();

if (withoutLibrary !== undefined) console.warn(`Tests of native are skipped: ${withoutLibrary}`);

/** An executor that hands products of at least so many multiplications to the library, whose products have one thread. */
export const nativeExecutor = (threshold: number): SyncExecutor => createWasmExecutor({ native: { threads: 1, threshold } });
