import type { Target } from "../../compiler/target.js";
import { wasmTarget } from "../wasm/target.js";

/** Multiplications of a library in a cycle, about: what shapes are weighed with against copies. */
const RATE = 32;
/** Windows of up to so many bytes are laid out as rows of a matrix for a library; more are read where they lie, by WebAssembly. */
const MOST_LAID_OUT = 2 ** 25;
/** As WebAssembly goes through large arrays, in twice as large blocks: a library lays out the other factor anew for each of them. */
const ROW_BLOCKS = { from: 2 ** 21, block: 2 ** 20, rows: 128 };

/** WebAssembly beside a library that computes all products of at least `threshold` multiplications. */
export function nativeTarget(threshold: number): Target {
  const isHanded = (multiplications: number, dtype: string) => multiplications >= threshold && dtype !== "int32";
  return {
    ...wasmTarget,
    name: `native from ${threshold}`,
    libraryCycles: ({ rows, columns, depth, dtype }) =>
      isHanded(rows * columns * depth, dtype) ? (rows * columns * depth) / RATE : Infinity,
    readsWindowsInPlace: windows =>
      wasmTarget.readsWindowsInPlace(windows)
      && !(
        isHanded(windows.elements * windows.columns, windows.dtype) && windows.elements * wasmTarget.bytes[windows.dtype] <= MOST_LAID_OUT
      ),
    rowBlocks: ROW_BLOCKS,
    addsUpInMemory: product => product.form === "library" || wasmTarget.addsUpInMemory(product),
  };
}
