import type { ThreadLibrary } from "../wasm/library-call.js";
import type { Run } from "../wasm/function-table.js";
import { gemmOf } from "./gemm.js";
import { builtin } from "./host.js";
import { opened } from "./koffi.js";
import type { Koffi } from "./koffi.js";
import { UfomError } from "../../tensor/error.js";

/**
 * In a thread: the products of the library that the thread which started it has loaded and tried, each by one thread.
 * @throws UfomError if it cannot be loaded here
 */
export function productsInThread({ koffi: file, path, setThreads }: ThreadLibrary, memory: WebAssembly.Memory): Run {
  const koffi = builtin("module").createRequire(file)(file) as Koffi,
    library = opened(koffi, path);
  if (library instanceof Error)
    throw new UfomError(`ufom: native cannot load the library ${path} in a thread: ${library.message}.`, { cause: library });
  return gemmOf(koffi, path, library, setThreads).over(memory, 1);
}
