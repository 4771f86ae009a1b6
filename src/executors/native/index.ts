import type { LibraryProducts } from "../wasm/library-call.js";
import { loadBlas } from "./blas.js";
import { builtin } from "./host.js";
import type { NativeChoice } from "./options.js";
import { nativeTarget } from "./target.js";

/** The products of a library, for an executor. @throws UfomError if koffi or the library is missing, with the command that adds it */
export function libraryProducts({ path, threads }: NativeChoice, threshold: number): LibraryProducts {
  const blas = loadBlas(path),
    set = blas.setThreads(threads ?? builtin("os").availableParallelism());
  return {
    target: nativeTarget(threshold),
    info: { library: blas.description, path: blas.path, threads: set, threshold },
    over: memory => blas.over(memory),
  };
}
