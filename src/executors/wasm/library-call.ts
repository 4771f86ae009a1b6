import type { Target } from "../../compiler/target.js";
import type { NativeInfo } from "../executor.js";
import type { FunctionTable, Run } from "./function-table.js";
import { librarySignature } from "./kernels/library-signature.js";

/** Where a thread finds the library that another has loaded: plain data. */
export interface ThreadLibrary {
  /** The file of the package that calls it. */
  readonly koffi: string;
  readonly path: string;
  /** The name of its function that takes a number of threads, if it has one. */
  readonly setThreads: string | undefined;
}

/** A library of matrix products, for an executor. */
export interface LibraryProducts {
  /** What is handed to it. */
  readonly target: Target;
  readonly info: NativeInfo;
  /** The function of `librarySignature` that multiplies arrays of a memory. */
  over(memory: WebAssembly.Memory): Run;
  /** Lets every product in this process have one thread, as several are at work; until what it gives is called. */
  hold(): () => void;
  inThread(): ThreadLibrary;
}

/** A module that imports `e.f`, a function of as many i32 as a library's product has, and exports it as `f`. */
const passing = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, librarySignature.parameterKinds.length + 4, 1, 0x60, librarySignature.parameterKinds.length],
  ...librarySignature.parameterKinds.map(() => 0x7f),
  ...[0, 2, 7, 1, 1, 0x65, 1, 0x66, 0, 0, 7, 5, 1, 1, 0x66, 0, 0],
]);

/** A function of JavaScript as one of WebAssembly: no other can be put into a table of functions. */
const libraryCall = (f: Run): Run => new WebAssembly.Instance(new WebAssembly.Module(passing), { e: { f } }).exports.f as Run;

/** Puts a library's product where programs find it: it is the first function of an executor's table. */
export function addLibrary(functions: FunctionTable, f: Run): void {
  if (functions.add(libraryCall(f)) !== 0) throw new Error("a library's product is the first function of the table");
}
