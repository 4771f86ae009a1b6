import type { LibraryProducts } from "../wasm/library-call.js";
import type { Blas } from "./blas.js";
import { koffiFile } from "./find-koffi.js";
import { nativeTarget } from "./target.js";

/** Products of at least `threshold` multiplications by a library, with so many threads. */
export const productsOf = (blas: Blas, threads: number, threshold: number, notKept?: string): LibraryProducts => ({
  target: nativeTarget(threshold),
  info: { library: blas.description, path: blas.path, threads, threshold, ...(notKept === undefined ? {} : { notKept }) },
  over: memory => blas.over(memory, threads),
  hold: () => blas.hold(),
  inThread: () => ({ koffi: koffiFile(), path: blas.path, setThreads: blas.setThreads }),
});
