import { UfomError } from "../../tensor/error.js";
import type { Run } from "../wasm/function-table.js";
import { libraryFlags } from "../wasm/kernels/dot-library.js";
import { chooseCoreType } from "./core-type.js";
import { nodeProcess } from "./host.js";
import { declared, loadKoffi, opened } from "./koffi.js";
import type { Koffi, KoffiLibrary } from "./koffi.js";
import { allLibraries, installCommand, librariesFor } from "./libraries.js";
import type { Library } from "./libraries.js";
import { selfTest } from "./self-test.js";

/** A library that was loaded. */
export interface Blas {
  readonly name: string;
  /** Its name and version as it tells them, and what it takes the processor for. */
  readonly description: string;
  readonly path: string;
  /** Threads that a product may have: as many as are asked for, or 1 of a library that cannot be told. */
  threadsOf(wanted: number): number;
  /** Products of arrays in a memory, as `librarySignature` says, with so many threads. */
  over(memory: WebAssembly.Memory, threads: number): Run;
}

const gemm = (letter: "s" | "d") => {
  const number = letter === "s" ? "float" : "double";
  return (
    `void cblas_${letter}gemm(int order, int a_op, int b_op, int m, int n, int k, ${number} alpha, `
    + `uintptr_t a, int lda, uintptr_t b, int ldb, ${number} beta, uintptr_t c, int ldc)`
  );
};

const ROW_MAJOR = 101,
  AS_IT_IS = 111,
  TRANSPOSED = 112;

const loaded = new Map<string, Blas>();

/**
 * Loads the library of a path, or the first that the system finds of those that are looked for.
 * @throws UfomError with the command that adds what is missing
 */
export function loadBlas(path?: string): Blas {
  const known = loaded.get(path ?? "");
  if (known) return known;
  const platform = nodeProcess()?.platform ?? "",
    koffi = loadKoffi();
  const blas = path === undefined ? firstFound(koffi, platform) : named(koffi, path);
  loaded.set(path ?? "", blas);
  return blas;
}

function firstFound(koffi: Koffi, platform: string): Blas {
  const searched = librariesFor(platform);
  for (const library of searched)
    for (const file of library.files) {
      const found = opened(koffi, file);
      if (!(found instanceof Error)) return blasOf(koffi, file, found, library);
    }
  throw new UfomError(
    `ufom: native needs a library of matrix products, and none of ${searched.map(l => `${l.name} (${l.files.join(", ")})`).join(", ")} is found here; `
      + `add one with: ${installCommand(platform)}.`,
  );
}

function named(koffi: Koffi, path: string): Blas {
  const found = opened(koffi, path);
  if (found instanceof Error) throw new UfomError(`ufom: native cannot load the library ${path}: ${found.message}.`, { cause: found });
  const library = allLibraries.find(l => l.setThreads !== undefined && declared(found, `void ${l.setThreads}(int)`));
  return blasOf(koffi, path, found, library ?? { name: "a library", files: [path] });
}

function blasOf(koffi: Koffi, path: string, given: KoffiLibrary, { name, setThreads, version }: Library): Blas {
  const chosen = name === "OpenBLAS" ? chooseCoreType(koffi, path, given) : { library: given, coreType: undefined };
  const { library, coreType } = chosen,
    single = declared(library, gemm("s")),
    double = declared(library, gemm("d"));
  if (!single || !double) throw new UfomError(`ufom: native needs a library with cblas_sgemm and cblas_dgemm, and ${path} has none.`);
  const told = version === undefined ? undefined : (declared(library, `const char *${version}()`)?.() as string | undefined),
    setTo = setThreads === undefined ? undefined : declared(library, `void ${setThreads}(int)`);
  // One number for all of the process, which executors may want to differ.
  let current = 0;
  const words = told === undefined ? name : told.startsWith(name) ? told.split(" ").slice(0, 2).join(" ") : `${name} ${told}`;
  const blas: Blas = {
    name,
    path,
    description: coreType === undefined ? words : `${words} for ${coreType}`,
    over: (memory, threads) => {
      let held: ArrayBufferLike | undefined,
        base = 0;
      return (flags, m, n, k, a, lda, b, ldb, c, ldc) => {
        const { buffer } = memory;
        if (threads !== current) setTo?.((current = threads));
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
    threadsOf: wanted => (setTo ? wanted : 1),
  };
  selfTest(path, (memory, threads) => blas.over(memory, threads));
  return blas;
}
