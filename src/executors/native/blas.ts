import { UfomError } from "../../tensor/error.js";
import { chooseCoreType } from "./core-type.js";
import { nodeProcess } from "./host.js";
import { loadKoffi } from "./find-koffi.js";
import { gemmOf } from "./gemm.js";
import type { Gemm } from "./gemm.js";
import { declared, opened } from "./koffi.js";
import type { Koffi, KoffiLibrary } from "./koffi.js";
import { allLibraries, installCommand, librariesFor } from "./libraries.js";
import type { Library } from "./libraries.js";
import { selfTest } from "./self-test.js";

/** A library that was loaded. */
export interface Blas extends Pick<Gemm, "over" | "hold"> {
  readonly name: string;
  /** Its name and version as it tells them, and what it takes the processor for. */
  readonly description: string;
  readonly path: string;
  /** Threads that a product may have: as many as are asked for, or 1 of a library that cannot be told. */
  threadsOf(wanted: number): number;
  /** The name of its function that takes a number of threads, if it has one. */
  readonly setThreads: string | undefined;
}

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
    gemm = gemmOf(koffi, path, library, setThreads),
    told = version === undefined ? undefined : (declared(library, `const char *${version}()`)?.() as string | undefined);
  const words = told === undefined ? name : told.startsWith(name) ? told.split(" ").slice(0, 2).join(" ") : `${name} ${told}`;
  const blas: Blas = {
    name,
    path,
    description: coreType === undefined ? words : `${words} for ${coreType}`,
    setThreads: gemm.takesThreads ? setThreads : undefined,
    threadsOf: wanted => (gemm.takesThreads ? wanted : 1),
    over: (memory, threads) => gemm.over(memory, threads),
    hold: () => gemm.hold(),
  };
  selfTest(path, (memory, threads) => blas.over(memory, threads));
  return blas;
}
