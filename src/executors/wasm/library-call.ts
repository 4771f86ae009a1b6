import type { Target } from "../../compiler/target.js";
import type { NativeInfo } from "../executor.js";
import type { Run } from "./function-table.js";
import { librarySignature } from "./kernels/dot-library.js";

/** A library of matrix products, for an executor. */
export interface LibraryProducts {
  /** What is handed to it. */
  readonly target: Target;
  readonly info: NativeInfo;
  /** The function of `librarySignature` that multiplies arrays of a memory. */
  over(memory: WebAssembly.Memory): Run;
}

/** A module that imports `e.f`, a function of as many i32 as a library's product has, and exports it as `f`. */
const passing = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, librarySignature.parameterKinds.length + 4, 1, 0x60, librarySignature.parameterKinds.length],
  ...librarySignature.parameterKinds.map(() => 0x7f),
  ...[0, 2, 7, 1, 1, 0x65, 1, 0x66, 0, 0, 7, 5, 1, 1, 0x66, 0, 0],
]);

/** A function of JavaScript as one of WebAssembly: no other can be put into a table of functions. */
export const libraryCall = (f: Run): Run => new WebAssembly.Instance(new WebAssembly.Module(passing), { e: { f } }).exports.f as Run;
