import { UfomError } from "../../tensor/error.js";
import type { Run } from "../wasm/function-table.js";
import { libraryFlags } from "../wasm/kernels/library-signature.js";
import { declared } from "./koffi.js";
import type { Koffi, KoffiLibrary } from "./koffi.js";

/** The products of a library that was loaded. */
export interface Gemm {
  /** Whether it can be told its number of threads. */
  readonly takesThreads: boolean;
  /** Products of arrays in a memory, as `librarySignature` says, with so many threads. */
  over(memory: WebAssembly.Memory, threads: number): Run;
  /** Lets every product in this process have one thread, until what it gives is called. */
  hold(): () => void;
}

const declaration = (letter: "s" | "d") => {
  const number = letter === "s" ? "float" : "double";
  return (
    `void cblas_${letter}gemm(int order, int a_op, int b_op, int m, int n, int k, ${number} alpha, `
    + `uintptr_t a, int lda, uintptr_t b, int ldb, ${number} beta, uintptr_t c, int ldc)`
  );
};

const ROW_MAJOR = 101,
  AS_IT_IS = 111,
  TRANSPOSED = 112;

/** @param setThreads the name of its function that takes a number of threads @throws UfomError if it multiplies nothing */
export function gemmOf(koffi: Koffi, path: string, library: KoffiLibrary, setThreads: string | undefined): Gemm {
  const single = declared(library, declaration("s")),
    double = declared(library, declaration("d"));
  if (!single || !double) throw new UfomError(`ufom: native needs a library with cblas_sgemm and cblas_dgemm, and ${path} has none.`);
  const setTo = setThreads === undefined ? undefined : declared(library, `void ${setThreads}(int)`);
  // One number for all of the process, which executors may want to differ.
  let current = 0,
    holds = 0;
  const set = (threads: number) => {
    if (threads !== current) setTo?.((current = threads));
  };
  return {
    takesThreads: setTo !== undefined,
    hold() {
      holds++;
      set(1);
      return () => void holds--;
    },
    over(memory, threads) {
      let held: ArrayBufferLike | undefined,
        base = 0;
      return (flags, m, n, k, a, lda, b, ldb, c, ldc) => {
        const { buffer } = memory;
        set(holds > 0 ? 1 : threads);
        if (buffer !== held) {
          // The memory has grown: mostly where it was.
          held = buffer;
          base = Number(koffi.address(new Uint8Array(buffer)));
        }
        (flags & libraryFlags.float64 ? double : single)(
          ROW_MAJOR,
          flags & libraryFlags.transposeA ? TRANSPOSED : AS_IT_IS,
          flags & libraryFlags.transposeB ? TRANSPOSED : AS_IT_IS,
          m,
          n,
          k,
          1,
          base + (a >>> 0),
          lda,
          base + (b >>> 0),
          ldb,
          flags & libraryFlags.accumulate ? 1 : 0,
          base + (c >>> 0),
          ldc,
        );
      };
    },
  };
}
